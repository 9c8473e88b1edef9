"""Every hostile program ends as expected.py lists, and each time, the next run and the gateway are unharmed."""

import json
import re
import time

import pytest

import corpus
import leftovers
from expected import ROWS
from memory import Memory

MIB = 1 << 20
GROWTH_BYTES = 24 * MIB

# What a program finds in a fresh box.
LOOK_AROUND = """
import json, os
print(json.dumps({"pids": sorted(pid for pid in os.listdir("/proc") if pid.isdigit()),
                  "files": {folder: os.listdir(folder) for folder in ("/box", "/tmp", "/dev/shm")},
                  "me": str(os.getpid())}))
"""


@pytest.fixture(autouse=True)
def unharmed(gateway):
    """After each program: the gateway's processes are the same and healthy, and the next run is clean."""
    pids = gateway.pids()
    yield
    status, answer = gateway.execute(LOOK_AROUND, timeout=20)
    assert status == 200 and answer["status"] == "success", answer
    seen = json.loads(answer["stdout"])
    assert seen["pids"] == ["1", seen["me"]]
    assert seen["files"] == {"/box": ["main.py"], "/tmp": [], "/dev/shm": []}
    assert gateway.request("GET", "/health").status == 200
    assert gateway.pids() == pids


def test_table_and_programs_agree():
    assert sorted(row.program for row in ROWS) == corpus.names()


@pytest.mark.parametrize("row", ROWS, ids=[row.program for row in ROWS])
def test_program(gateway, row):
    memory = Memory(gateway) if row.is_flood else None
    request = {"timeout": 20} | row.request
    status, answer = gateway.execute(corpus.text_of(row.program), **request)
    assert status == 200, answer
    assert not corpus.differences(row, answer)
    assert answer["id"] not in answer["stdout"]
    if memory:
        assert memory.growth_bytes() < GROWTH_BYTES


def test_source_as_long_as_may_be(gateway):
    code = "print('done')\n#"
    _, answer = gateway.execute(code + "x" * (MIB - len(code)))
    assert answer["status"] == "success" and answer["stdout"] == "done\n"


def test_source_that_is_too_long_is_refused(gateway):
    status, answer = gateway.execute("#" + "x" * MIB)
    assert status == 422 and answer["errors"][0]["field"] == "code"
    status, _ = gateway.execute("#" + "x" * 9 * MIB)
    assert status == 413


def test_logs_hold_nothing_of_a_program(gateway):
    word = "a-word-of-the-program"
    said = f"import os, sys\nprint({word!r}, flush=True)\nprint({word!r}, file=sys.stderr, flush=True)\n"
    for end in ("", "raise SystemExit(sys.argv[1])", "os.abort()", "os.kill(os.getpid(), 9)"):
        _, answer = gateway.execute(said + end, args=[word], env={"WORD": word}, stdin=word, timeout=20)
        assert word in answer["stdout"] and word in answer["stderr"]
    assert word not in gateway.log()
    assert gateway.events()  # each line is one JSON object
    assert not gateway.events("forged_event")
    assert not [event for event in gateway.events() if event["level"] == "error"]


def test_only_warm_boxes_are_left(engine, gateway, created):
    (instance,) = {event["instance"] for event in gateway.events("broker_started")}
    # The slots of a gateway's boxes have uids in a row.
    a_uid = int(gateway.execute("import os; print(os.getuid())", timeout=20)[1]["stdout"])
    most = gateway.settings["MAYFLY_MAX_BOXES"]
    deadline = time.monotonic() + 30
    while True:
        alive = set(engine.managed(f"label=mayfly.instance={instance}"))
        dead = created.so_far(instance) - alive
        left = {"boxes": alive if len(alive) > gateway.settings["MAYFLY_WARM"] else set(),
                "processes": dead & leftovers.ids_of_processes(),
                "mounts": dead & leftovers.ids_of_mounts(),
                "cgroups": dead & leftovers.ids_of_cgroups(),
                "files": dead & leftovers.ids_of_files(engine),
                "users": set(boxes_of_users(range(a_uid - most, a_uid + most))) - alive}
        if not any(left.values()):
            break
        assert time.monotonic() < deadline, left
        time.sleep(0.1)
    assert len(dead) > len(ROWS)


def boxes_of_users(uids):
    """The containers of all processes of these users; the process's number where it is in none."""
    for folder in leftovers.process_folders():
        uid = re.search(r"^Uid:\t(\d+)", leftovers.read(folder / "status"), re.MULTILINE)
        if uid and int(uid[1]) in uids:
            found = leftovers.CONTAINER_ID.findall(leftovers.read(folder / "cgroup"))
            yield found[0] if found else folder.name
