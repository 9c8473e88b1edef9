"""`soak.py MINUTES`: runs rounds of mixed programs, and measures the memory and descriptors of front and broker after
each. See soak.sh.

Half of the time each run has a box of its own, half of it boxes serve several runs of an owner. Every program has a secret
of its own, and no answer may have another's (ownsecret.py).
"""

import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "docker"))

import owners  # noqa: E402
from gateway import Gateway  # noqa: E402
from mixed import mixed_runs  # noqa: E402

RUNS = 200
BOX_RUNS = 20
OWNERS = ("a", "b", "c")
MORE_KIB = 8192


def holds(pid):
    """(open descriptors, resident KiB) of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return len(os.listdir(f"/proc/{pid}/fd")), int(resident.split()[1])


def soak(minutes, names, **settings):
    """Run all rounds. Returns the roles that have grown. names: the owners, in turns."""
    deadline = time.monotonic() + minutes * 60
    first, rounds = None, 0
    with Gateway(os.environ["DOCKER_HOST"], **settings) as gateway:
        while first is None or time.monotonic() < deadline:
            started = time.monotonic()
            mixed_runs(gateway, RUNS, names)
            gateway.wait_health()
            rounds += 1
            now = {role: holds(pid) for role, pid in gateway.pids().items()}
            if first is None:
                first, begun = now, time.monotonic()
            said = ", ".join(f"{role} {fds} descriptors {kib} KiB" for role, (fds, kib) in now.items())
            print(f"{rounds * RUNS:7d} runs, {RUNS / (time.monotonic() - started):5.1f} a second; {said}",
                  flush=True)
        print(starts_of(gateway))
    hours = max(time.monotonic() - begun, 1) / 3600
    for role, (fds, kib) in now.items():
        print(f"{role}: {(kib - first[role][1]) / hours:+.0f} KiB an hour, {fds - first[role][0]:+d} descriptors")
    # Boxes come and go while we measure, which explains a few descriptors more or less.
    return [role for role in now if now[role][0] > first[role][0] + 16
            or now[role][1] > first[role][1] + MORE_KIB]


def starts_of(gateway):
    """Returns the number of runs for each kind of start."""
    starts = [event["start"] for event in gateway.events("run_ended")]
    return ", ".join(f"{starts.count(start)} {start}" for start in sorted(set(starts)))


def main(minutes):
    grown = soak(minutes / 2, [""])
    with tempfile.TemporaryDirectory(prefix="mayfly-keys-") as folder:
        print(f"boxes of {BOX_RUNS} runs")
        grown += soak(minutes / 2, OWNERS, MAYFLY_BOX_RUNS=BOX_RUNS, MAYFLY_KEYS_FILE=owners.write(folder, *OWNERS))
    print("grown: " + ", ".join(grown) if grown else "nothing grew")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
