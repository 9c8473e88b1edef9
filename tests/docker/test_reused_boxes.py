"""Several runs of one owner in one box, on a real engine: the traces of an earlier run that the next one can see, and
the choice of the box."""

import json
import tempfile
import time

import pytest

import owners
import realengine
from gateway import SLOW

KEYS = ("a", "b")
MOVING = ("creating", "attaching", "starting", "running", "resetting", "removing")
LOOK = """
import glob, json, os, sys
seen = sorted(path for folder in ("/box", "/tmp") for path in glob.glob(folder + "/*"))
seen += sorted("pid " + pid for pid in os.listdir("/proc") if pid.isdigit() and os.path.exists("/proc/" + pid)
               and open(f"/proc/{pid}/comm").read() == "sleep\\n")
print(json.dumps(seen + sorted(name for name in [*os.environ, *sys.modules] if name.lower() == "mark")))
"""
LEAVE = """
import os, sys, types
for folder in ("/box", "/tmp"):
    os.makedirs(folder + "/mark/deep")
    open(folder + "/mark/deep/file", "w").write("secret")
os.environ["MARK"] = "1"
sys.modules["mark"] = types.ModuleType("mark")
"""
STAY = "import subprocess; subprocess.Popen(['sleep', '60'], start_new_session=True)"


@pytest.fixture(scope="module")
def keys_file():
    with tempfile.TemporaryDirectory(prefix="mayfly-keys-") as folder:
        yield owners.write(folder, *KEYS)


@pytest.fixture(scope="module")
def gateway(engine, keys_file):
    with realengine.Gateway(engine.host, MAYFLY_KEYS_FILE=keys_file, MAYFLY_BOX_RUNS=50, MAYFLY_WARM=1,
                            MAYFLY_MAX_BOXES=6) as running:
        yield running


def settled(gateway):
    """The numbers of kept boxes and of resets, once no box is on its way. The broker tells it once a second."""
    begun = time.monotonic()
    while True:
        asked = time.monotonic()
        found = gateway.metrics(owners.headers("a"))
        moving = sum(found.sum("mayfly_boxes", state=state) for state in MOVING)
        kept = found.sum("mayfly_boxes_kept")
        is_new = asked - found.sum("mayfly_status_age_seconds") > begun
        if is_new and not moving and found.sum("mayfly_boxes", state="ready") > kept:
            return kept, found.sum("mayfly_box_resets_total")
        assert time.monotonic() < begun + 30 * SLOW, gateway.log()[-3000:]
        time.sleep(0.05)


def ask(gateway, code, key="a", **fields):
    with gateway.client() as client:
        answer = client.post({"code": code, "timeout": 20, **fields}, headers=owners.headers(key)).receive()
    assert answer.status == 200, answer.body
    return answer.json()


def test_nothing_of_a_run_is_seen_by_the_next_one_of_its_box(gateway):
    assert ask(gateway, LEAVE)["status"] == "success"
    kept, resets = settled(gateway)
    assert kept == 1, gateway.log()[-3000:]
    answer = ask(gateway, LOOK)
    assert (answer["start"], json.loads(answer["stdout"])) == ("reused", ["/box/main.py"])
    assert settled(gateway) == (1, resets + 1)


def test_a_process_that_stays_behind_costs_the_box(gateway):
    kept, _ = settled(gateway)
    assert ask(gateway, STAY)["status"] == "success"
    assert settled(gateway)[0] in (kept - 1, 0)
    assert any(event["error"] == "unclean" for event in gateway.events("box_retired"))
    assert json.loads(ask(gateway, LOOK)["stdout"]) == ["/box/main.py"]


def test_another_owner_gets_another_box(gateway):
    ask(gateway, "print(1)")
    settled(gateway)
    assert ask(gateway, "print(1)")["start"] == "reused"
    settled(gateway)
    assert ask(gateway, "print(1)", key="b")["start"] == "warm"
    settled(gateway)
    assert ask(gateway, "print(1)", isolation="container")["start"] == "warm"


def test_cells_follow_each_other_in_a_box_and_share_nothing(gateway):
    ask(gateway, "print(1)")
    settled(gateway)
    for _ in range(2):
        answer = ask(gateway, "new = 'x' not in globals()\nx = 1\nnew", mode="cell")
        assert (answer["start"], [shown["content"] for shown in answer["displays"]]) == ("reused", ["True"])
        settled(gateway)
        failed = ask(gateway, "1/0", mode="cell")
        assert (failed["start"], failed["error"]["name"]) == ("reused", "ZeroDivisionError")
        settled(gateway)


@pytest.mark.parametrize("code, reason", [
    ("import time; time.sleep(60)", "timeout"), ("import os; os.kill(os.getpid(), 11)", "signal"),
    ("b = bytearray(1 << 30); b[:] = bytes(1 << 30)", "oom"), ("print('x' * 3_000_000)", "output"),
])
def test_a_bad_end_costs_the_box(gateway, code, reason):
    ask(gateway, "print(1)")
    settled(gateway)
    before = len(gateway.events("box_retired"))
    ask(gateway, code, timeout=1 if reason == "timeout" else 20)
    settled(gateway)
    assert [event["error"] for event in gateway.events("box_retired")][before:] == [reason]
    assert ask(gateway, LOOK)["status"] == "success"


def test_many_runs_follow_each_other(gateway):
    """Fifty runs are one more than a box has left here, so that the number is met, too."""
    starts = []
    for number in range(55):
        answer = ask(gateway, f"print({number})")
        assert answer["stdout"] == f"{number}\n"
        starts.append(answer["start"])
    assert starts.count("reused") > 25, starts
