"""CPython's test suite in boxes, and under the bare interpreter: every difference is listed with its reason.

    compare.py [--write] [MODULE...]        by default all modules: test.test_json ...

Each module runs twice: through the gateway, in a box like every other, and by a bare python3 in a plain container of
the same image with the same limits. A test whose fate differs must stand in the list of this Python's version,
differences-3.11.txt say, and each one there must differ: else the exit code is 1. What differs is run again, ATTEMPTS
times in all, and counts when it always does. MAYFLY_BASE_SUITE chooses the Debian, and so the version.

A module that runs out of time on either side says nothing of the tests that it did not reach. It is run again after all
others, alone and with the limit SECONDS_ALONE, and only that counts. The report names these modules, and those that run
out of that time too. MAYFLY_TEST_SLOW=5 waits five times as long for the gateway, and for each module the first time.

REUSE=1 gives each module a box that has served its worker before (MAYFLY_BOX_RUNS). The same list holds there.

--write makes that list anew: listed tests keep their reason, those without one come last, below UNEXPLAINED.
"""

import argparse
import base64
import concurrent.futures
import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "docker")]

import owners  # noqa: E402
from box import IMAGE as BOXES_IMAGE  # noqa: E402
from box import PYTHON, SUITE, UID, Container, create_body  # noqa: E402
from gateway import SLOW, Gateway  # noqa: E402

VERSION = "{}.{}".format(*PYTHON)
LIST = HERE / f"differences-{VERSION}.txt"
REUSE = os.environ.get("REUSE") == "1"
BOX_RUNS = 1000  # more than there are modules
IMAGE = f"mayfly-cpython:{VERSION}"
UNEXPLAINED = "UNEXPLAINED"
KINDS_MAX = 20
SHOWN_MAX = 5  # of what is wrong after an attempt
ATTEMPTS = int(os.environ.get("CPYTHON_TEST_ATTEMPTS") or 3)
AT_ONCE = int(os.environ.get("CPYTHON_TEST_AT_ONCE") or 2)
SECONDS_ALONE = 1200
SECONDS = min(180 * SLOW, SECONDS_ALONE)
MIB = 1 << 20
MEMORY_BYTES, TMPFS_BYTES, PIDS = 512 * MIB, 64 * MIB, 128
# As spec.h and spec.c have them for boxes of this size. With more shares of a busy CPU the bare interpreter would be in time
# where a box is not.
CPU_SHARES = 256
ULIMITS = {"nofile": 1024, "core": 0, "fsize": TMPFS_BYTES + MIB, "memlock": 65536, "msgqueue": 0, "rtprio": 0,
           "nice": 0}
LOST = "lost"  # a test that had begun when its process ended
TIMEOUT = "timeout"  # of a module, when its process did not end in time
PROGRAM = (HERE / "module.py").read_text("utf-8")
# Packages that take minutes, a module at a time.
SPLIT = ("test_asyncio", "test_concurrent_futures", "test_email", "test_multiprocessing_fork",
         "test_multiprocessing_forkserver", "test_multiprocessing_spawn")

# PID 1 of the plain container, so that the program, as in a box, is not.
BARE_RUNNER = """
import base64, json, os, subprocess, sys
job = json.load(sys.stdin)
with open("/box/main.py", "w") as file:
    file.write(job["code"])
program = subprocess.Popen(["python3", "/box/main.py", *job["args"]], cwd="/box", start_new_session=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
import threading
told = bytearray()
def listen():
    while data := os.read(program.stderr.fileno(), 65536):
        told.extend(data[:1 << 20])
threading.Thread(target=listen, daemon=True).start()
try:
    code = program.wait(job["seconds"])
except subprocess.TimeoutExpired:
    code = "timeout"
    program.kill()
report = b""
if os.path.exists("/box/report"):
    with open("/box/report", "rb") as file:
        report = file.read()
answer = {"code": code, "report": base64.b64encode(report).decode(), "told": base64.b64encode(told).decode()}
sys.stdout.write(json.dumps(answer))
sys.stdout.flush()
os._exit(0)
"""


def read_report(module, report, end):
    """Test name: what became of it. The module itself has a line where its end was none."""
    fates = {}
    for line in report.decode(errors="replace").splitlines():
        what, _, name = line.partition(" ")
        if what != "begun":
            fates[name] = what
        elif name not in fates:
            fates[name] = LOST
    if end != 0:
        fates[module] = TIMEOUT if end == "timeout" else "crashed"
    return fates


def run_bare(engine_socket, module, seconds):
    body = create_body(["/usr/bin/python3", "-I", "-c", BARE_RUNNER], [], image=IMAGE, pids=PIDS,
                       memory_bytes=MEMORY_BYTES, tmpfs_bytes=TMPFS_BYTES)
    body["Hostname"] = "box"
    body["HostConfig"]["CpuShares"] = CPU_SHARES
    body["HostConfig"]["Ulimits"] = [{"Name": name, "Soft": value, "Hard": value} for name, value in ULIMITS.items()]
    job = {"code": PROGRAM, "args": [module], "seconds": seconds}
    with Container(engine_socket, body) as container:
        container.send(json.dumps(job).encode())
        container.close_stdin()
        text, deadline = b"", time.monotonic() + seconds + 60
        while data := container.read(deadline):
            text += data
    if not text:
        return {module: "crashed"}, ""
    answer = json.loads(text)
    return (read_report(module, base64.b64decode(answer["report"]), answer["code"]),
            base64.b64decode(answer["told"]).decode(errors="replace"))


class Workers:
    """An owner for each worker, so that a box that has served a worker serves it again, and nobody else."""

    def __init__(self, folder):
        self._names = [f"worker{number}" for number in range(AT_ONCE + 1)]  # those at once, and the last, which is alone
        self._taken = {}
        self._lock = threading.Lock()
        self.keys_file = owners.write(folder, *self._names)

    def headers(self):
        """Of this thread's requests."""
        with self._lock:
            number = self._taken.setdefault(threading.get_ident(), len(self._taken))
        return owners.headers(self._names[number])


def ask(gateway, headers, request, seconds):
    with gateway.client(timeout=seconds + 660) as client:
        client.post(json.dumps(request).encode(), headers=headers)  # as text, whose timeout nobody multiplies
        response = client.receive()
    assert response.status == 200, response
    return response.json()


def prepare_box(gateway, headers):
    """Leave a box that has served this worker, and is clean: the broker tells once a second that none is on its way back."""
    ask(gateway, headers, {"code": "pass", "timeout": 30, "queue_timeout": 600}, 30)
    answered = time.monotonic()

    def is_clean(found):
        is_new = time.monotonic() - found.sum("mayfly_status_age_seconds") > answered
        return is_new and not found.sum("mayfly_boxes", state="resetting")

    deadline = answered + 60
    while not is_clean(gateway.metrics(headers)):
        assert time.monotonic() < deadline, "the box is not clean"
        time.sleep(0.05)


def run_in_box(gateway, headers, module, seconds):
    request = {"code": PROGRAM, "args": [module], "timeout": seconds, "queue_timeout": 600, "outputs": ["report"]}
    for _ in range(ATTEMPTS):
        if REUSE:
            prepare_box(gateway, headers)
        answer = ask(gateway, headers, request, seconds)
        if not REUSE or answer["start"] == "reused":
            break
    assert not REUSE or answer["start"] == "reused", f"{module}: no box was kept for it"
    [report] = [file["content"] for file in answer["files"] if file["path"] == "report"] or [""]
    end = "timeout" if answer["status"] == "timeout" else answer["return_code"]
    return read_report(module, report.encode(), end), answer["stderr"]


def differences(box, bare):
    return {name: (box.get(name, "absent"), bare.get(name, "absent"))
            for name in box.keys() | bare.keys() if box.get(name) != bare.get(name)}


class Comparison:
    def __init__(self, engine_socket, gateway, workers, listed):
        self.engine_socket, self.gateway, self.workers, self.listed = engine_socket, gateway, workers, listed
        self.found, self.told = {}, {}
        self.tests_count = 0
        self.out_of_time = []

    def attempt(self, module, seconds):
        """(fates in the box, fates under the bare interpreter, what the box's stderr has, the sides out of time)"""
        box, told = run_in_box(self.gateway, self.workers.headers(), module, seconds)
        bare, _ = run_bare(self.engine_socket, module, seconds)
        late = [side for side, fates in (("box", box), ("bare", bare)) if fates.get(module) == TIMEOUT]
        return box, bare, told, late

    def compare(self, module, seconds):
        """The differences of a module that show in each attempt, up to one that has just the listed ones.

        Returns (the differences, how many tests there are, the sides that ran out of time in the last attempt). There
        are no differences, but None, when it is to be run again alone.
        """
        lasting = None
        for number in range(1, ATTEMPTS + 1):
            box, bare, told, late = self.attempt(module, seconds)
            if late and seconds < SECONDS_ALONE:
                return None, len(bare), late
            found = differences(box, bare)
            lasting = found if lasting is None else {name: found[name] for name in lasting.keys() & found.keys()}
            wrong = judge(self.listed, lasting, [module])
            if not wrong:
                break
            print(f"    {module}, attempt {number}: {len(wrong)} wrong: {'; '.join(wrong[:SHOWN_MAX])}", flush=True)
        if lasting:
            self.told[module] = told
        return lasting, len(bare), late

    def take(self, head, module, result):
        """Print how a module went, and remember it."""
        lasting, size, late = result
        slow = f", out of time: {' and '.join(late)}" if late else ""
        if lasting is None:
            print(f"{head} {module}{slow}; runs again alone", flush=True)
            return
        print(f"{head} {module}: {size} tests, {len(lasting)} differ{slow}", flush=True)
        for name, (box, bare) in sorted(lasting.items()):
            print(f"    {name}: {box}, not {bare}", flush=True)
        if late:
            self.out_of_time.append(module)
        self.found |= lasting
        self.tests_count += size

    def compare_all(self, modules):
        """AT_ONCE at a time, then those that ran out of time, one after the other."""
        again = []
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            waiting = {pool.submit(self.compare, module, SECONDS): module for module in modules}
            for count, done in enumerate(concurrent.futures.as_completed(waiting), 1):
                self.take(f"{count}/{len(modules)}", waiting[done], done.result())
                if done.result()[0] is None:
                    again.append(waiting[done])
        for count, module in enumerate(sorted(again), 1):
            self.take(f"alone {count}/{len(again)}", module, self.compare(module, SECONDS_ALONE))
        return again


def read_list():
    """Pattern of tests' names: reason."""
    listed, reason = {}, None
    for line in LIST.read_text("utf-8").splitlines() if LIST.exists() else []:
        if line.startswith("# "):
            reason = line[2:]
        elif line:
            listed[line] = reason
    return listed


def pattern_of(name, listed):
    """The one that a test is listed by, None when it is not."""
    if name in listed:
        return name
    return next((pattern for pattern in listed if "*" in pattern and fnmatch.fnmatchcase(name, pattern)), None)


def is_of(name, modules):
    """Whether a test, or a pattern of some, is of these modules."""
    return any(name == module or name.startswith(module + ".") for module in modules)


def write_list(listed, found, modules):
    """Patterns stay as long as a test differs that they stand for, and where it was not run."""
    kinds = {}
    for name in {pattern_of(name, listed) or name for name in found} | {
            pattern for pattern in listed if not is_of(pattern, modules)}:
        kinds.setdefault(listed.get(name, UNEXPLAINED), []).append(name)
    reasons = [reason for reason in dict.fromkeys([*listed.values(), UNEXPLAINED]) if reason in kinds]
    blocks = ("\n".join([f"# {reason}", *sorted(kinds[reason])]) for reason in reasons)
    LIST.write_text("\n\n".join(blocks) + "\n", "utf-8")


def docker(*args):
    return subprocess.run(["docker", *args], check=True, capture_output=True, text=True).stdout


def build_image():
    """On the image of the boxes as it is now, from its base."""
    bases = docker("images", "--format", "{{.Repository}}:{{.Tag}}").split()
    public, own = f"debian:{SUITE}-slim", f"mayfly-base:{SUITE}"
    base = os.environ.get("MAYFLY_BASE") or (public if public in bases else own)
    docker("build", "--network", "host", "--build-arg", f"BASE={base}", "--build-arg", f"IMAGE={BOXES_IMAGE}",
           "--build-arg", f"VERSION={VERSION}", "--tag", IMAGE, str(HERE))


def all_modules():
    code = f"""
import os, test
folder = os.path.dirname(test.__file__)
names = sorted(name.removesuffix(".py") for name in os.listdir(folder)
               if name.startswith("test_") and (name.endswith(".py") or os.path.isdir(os.path.join(folder, name))))
for name in names:
    if name in {SPLIT} and os.path.isdir(os.path.join(folder, name)):
        inner = sorted(os.listdir(os.path.join(folder, name)))
        print(*(f"test.{{name}}.{{each[:-3]}}" for each in inner if each.startswith("test_") and each.endswith(".py")))
    else:
        print(f"test.{{name}}")
"""
    return docker("run", "--rm", "--network", "none", "--entrypoint", "python3", IMAGE, "-c", code).split()


def judge(listed, found, modules):
    """What is wrong, as lines."""
    used = {pattern_of(name, listed) for name in found}
    wrong = [f"not listed: {name}: {fates[0]}, not {fates[1]}" for name, fates in sorted(found.items())
             if pattern_of(name, listed) is None]
    wrong += [f"listed, and no difference: {pattern}" for pattern in listed
              if pattern not in used and is_of(pattern, modules)]
    if UNEXPLAINED in listed.values():
        wrong.append(f"{LIST.name} has tests under {UNEXPLAINED}")
    if len(set(listed.values())) > KINDS_MAX:
        wrong.append(f"{LIST.name} has more than {KINDS_MAX} reasons")
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true")
    parser.add_argument("modules", nargs="*")
    options = parser.parse_args()
    host = os.environ["DOCKER_HOST"]
    build_image()
    modules = options.modules or all_modules()
    listed = read_list()
    settings = {"MAYFLY_RUNTIMES": f"cpython={IMAGE}", "MAYFLY_WARM": AT_ONCE, "MAYFLY_PIDS": PIDS,
                "MAYFLY_MEMORY_BYTES": f"{MEMORY_BYTES // MIB}MiB", "MAYFLY_TMPFS_BYTES": f"{TMPFS_BYTES // MIB}MiB",
                "MAYFLY_UID_BASE": UID, "MAYFLY_UID_BLOCKS": 1, "MAYFLY_MAX_TIMEOUT_MS": SECONDS_ALONE * 1000,
                "MAYFLY_QUEUE_TIMEOUT_MS": 600000}
    if REUSE:
        hours = 6 * 3600 * 1000
        settings |= {"MAYFLY_BOX_RUNS": BOX_RUNS, "MAYFLY_MAX_BOXES": 4 * AT_ONCE, "MAYFLY_BOX_IDLE_MS": hours,
                     "MAYFLY_BOX_AGE_MS": hours}
    with tempfile.TemporaryDirectory(prefix="mayfly-keys-") as folder:
        workers = Workers(folder)
        with Gateway(host, MAYFLY_KEYS_FILE=workers.keys_file, **settings) as gateway:
            comparison = Comparison(host.removeprefix("unix://"), gateway, workers, listed)
            again = comparison.compare_all(modules)
    if os.environ.get("CPYTHON_TEST_LOG"):
        Path(os.environ["CPYTHON_TEST_LOG"]).write_text(
            "\n".join(f"=== {module}\n{told}" for module, told in sorted(comparison.told.items())), "utf-8")
    if options.write:
        write_list(listed, comparison.found, modules)
        return 0
    wrong = judge(listed, comparison.found, modules)
    print(*wrong, sep="\n")
    for what, names in (("run again alone", again), ("out of time even alone", comparison.out_of_time)):
        print(f"{what}: {' '.join(names) or 'none'}")
    print(f"{len(modules)} modules, {comparison.tests_count} tests, {len(comparison.found)} differ, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
