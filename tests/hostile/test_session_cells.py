"""Hostile cells of one key's session, through the gateway: each ends as expected, and its session still serves. A
session of another key and a plain run beside it end normally, with their own output, time and memory."""

import tempfile
import time

import pytest

import owners
import realengine
from sessions import SESSIONS, Session, opened

MIB = 1 << 20
SECONDS = 60
OUTPUT_BYTES = 100_000
FORGE = "import mayfly_session, gc\n[ours] = [o for o in gc.get_objects() if isinstance(o, mayfly_session.Session)]\n"
OBEY_NOT = "import os, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
# (what it does, status, reason, is its own state lost)
CELLS = {
    "forges_its_end": (FORGE + "import time\nours.control.sendmsg([b'e\\x05'])\ntime.sleep(0.2)", "error", None, False),
    "kills_init": ("import os\nfor number in range(1, 65):\n    try: os.kill(1, number)\n    except OSError: pass", "success", None, False),
    "stops_init": ("import os\nfor number in (19, 20, 21, 22) * 100:\n    try: os.kill(1, number)\n    except OSError: pass",
                   "success", None, False),
    "kills_all": ("import os\ntry: os.kill(-1, 9)\nexcept ProcessLookupError: pass", "success", None, False),
    "kills_itself": ("import os\nos.kill(os.getpid(), 9)", "error", None, True),
    "floods": ("import os\nfor _ in range(1000): os.write(1, b'x' * 65536); os.write(2, b'y' * 65536)", "success", "output_limit", False),
    "fork_bomb": (OBEY_NOT + "while True:\n    try: os.fork()\n    except OSError: pass", "timeout", "timeout", True),
    "stubborn": ("import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass", "timeout", "timeout", True),
    "obeys": ("while True: pass", "timeout", "timeout", False),
    "stops_itself": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "timeout", "timeout", True),
    "takes_all_memory": ("filled = b'x' * (1 << 30)", "error", "memory_limit", True),
    "closes_all": ("import os, time\nos.closerange(0, 2000)\ntime.sleep(60)", "error", None, True),
}
VICTIM = "n += 1\nprint('mine', n)\nimport sys\nsys.exit(7)"


@pytest.fixture(scope="module")
def keyed(engine):
    """A gateway with the keys attacker and victim."""
    with tempfile.TemporaryDirectory(prefix="mayfly-keys-") as folder, realengine.Gateway(
            engine.host, MAYFLY_WARM=2, MAYFLY_MAX_BOXES=16, MAYFLY_SESSIONS=6,
            MAYFLY_KEYS_FILE=owners.write(folder, "attacker", "victim")) as gateway:
        yield gateway


@pytest.fixture
def victim(keyed):
    session = opened(keyed, "victim")
    session.cell("n = 0")
    yield session
    session.ask("DELETE")


@pytest.fixture
def attacker(keyed):
    session = opened(keyed, "attacker", limits={"output_bytes": OUTPUT_BYTES})
    yield session
    session.ask("DELETE")


def expect_unharmed(victim, number):
    """Its next cell ends as it says, and used what such a cell uses."""
    answer = victim.cell(VICTIM, timeout=20)
    assert (answer["status"], answer["return_code"], answer["reason"]) == ("error", 7, None), answer
    assert (answer["stdout"], answer["stderr"], answer["error"]) == (f"mine {number}\n", "", None), answer
    note = answer["session"]
    assert (note["generation"], note["state_lost"], note["interrupted"], note["dropped_bytes"]) == (1, False, False, 0)
    assert answer["cpu_time"] < 1 and answer["peak_memory"] < 64 * MIB, answer  # attackers use far more


@pytest.mark.parametrize("name", CELLS)
def test_a_hostile_cell_ends_as_it_must_and_harms_nobody_else(keyed, attacker, victim, name):
    code, status, reason, is_lost = CELLS[name]
    attacker.cell("kept = 1")
    pids = keyed.pids()
    with keyed.post({"code": code, "timeout": 2}, f"{attacker.path}/executions", attacker.headers) as client:
        expect_unharmed(victim, 1)
        answer = client.receive().json()
    note = answer["session"]
    assert (answer["status"], answer["reason"], note["state_lost"]) == (status, reason, is_lost), answer
    assert (note["state"], note["generation"]) == ("idle", 1 + is_lost)
    assert len(answer["stdout"]) + len(answer["stderr"]) <= 2 * OUTPUT_BYTES
    expect_unharmed(victim, 2)
    plain = keyed.request("POST", "/api/v1/execute", b'{"code":"print(1)"}', [("content-type", "application/json"), *victim.headers])
    assert (plain.json()["status"], plain.json()["stdout"]) == ("success", "1\n")
    assert keyed.pids() == pids
    # Its own session serves on. A forged end leaves the rest of its cell, or a word, to the next one.
    cells = [attacker.cell("print(globals().get('kept'))", timeout=20) for _ in range(2)]
    assert cells[-1]["status"] == "success", cells
    assert cells[-1]["stdout"].endswith(f"{None if cells[-1]['session']['generation'] > 1 else 1}\n"), cells


def test_the_forged_end_has_the_code_that_was_forged_and_init_counts_the_rest(attacker):
    answer = attacker.cell(FORGE + "import time\nours.control.sendmsg([b'e\\x05'])\ntime.sleep(60)", timeout=20)
    assert answer["return_code"] == 5 and answer["cpu_time"] < 10
    assert answer["session"]["generation"] == 1


@pytest.mark.parametrize("writer", [
    "import os, threading, time\ngoes_on = True\ndef write():\n    while goes_on: os.write(1, b'late\\n'); time.sleep(0.001)\n"
    "threading.Thread(target=write, daemon=True).start()",
    "import subprocess\nchild = subprocess.Popen(['/usr/bin/yes', 'late'], start_new_session=True)",
], ids=["thread", "process"])
def test_what_is_written_while_no_cell_runs_is_dropped_and_counted(attacker, victim, writer):
    attacker.cell(writer)
    deadline = time.monotonic() + SECONDS
    while not (answer := attacker.cell("print('mine')"))["session"]["dropped_bytes"]:
        assert time.monotonic() < deadline, answer
    # What comes while a cell runs is in its output, within its cap.
    assert answer["status"] == "success" and len(answer["stdout"]) <= OUTPUT_BYTES
    expect_unharmed(victim, 1)
    attacker.cell("goes_on = False\nif 'child' in globals(): child.kill(); child.wait()")
    while (answer := attacker.cell("print('mine')"))["session"]["dropped_bytes"]:
        assert time.monotonic() < deadline, answer
    answer = attacker.cell("print('mine')")
    assert (answer["stdout"], answer["session"]["dropped_bytes"], answer["session"]["generation"]) == ("mine\n", 0, 1)


def test_another_key_neither_sees_nor_uses_nor_ends_a_session(keyed, attacker, victim):
    thief = Session(keyed, victim.name, attacker.headers)
    assert victim.file("PUT", "secret", b"x").status == 204
    body = {"code": "import time\nprint('on', flush=True)\nwhile not __import__('os').path.exists('go'): time.sleep(0.01)", "timeout": 20}
    with keyed.post(body, f"{victim.path}/executions", victim.headers) as client:
        deadline = time.monotonic() + SECONDS
        while not (run := victim.get()["running"]):
            assert time.monotonic() < deadline
        asked = [thief.ask("GET"), thief.ask("DELETE", f"/executions/{run}"), thief.run("open('go', 'w')"), thief.ask("GET", "/files"),
                 thief.file("GET", "secret"), thief.file("PUT", "go", b"x"), thief.file("DELETE", "secret"),
                 thief.ask("POST", "/keepalive"), thief.ask("DELETE")]
        assert [(answer.status, answer.json()["code"]) for answer in asked] == [(404, "session_unknown")] * len(asked)
        execution = f"/api/v1/executions/{run}"
        assert [keyed.request(method, execution, headers=attacker.headers).status for method in ("GET", "DELETE")] == [404, 404]
        listed = keyed.request("GET", SESSIONS, headers=attacker.headers)
        assert [session["id"] for session in listed.json()["sessions"]] == [attacker.name]
        assert victim.get()["running"] == run
        # The same id is another session, in another box, for another key.
        own = opened(keyed, "attacker", id=victim.name)
        assert own.cell("import os\nopen('go', 'w').close()\nprint(os.listdir('.'), 'n' in globals())")["stdout"] == "['go'] False\n"
        assert own.ask("DELETE").status == 204
        assert victim.get()["running"] == run
        assert victim.ask("DELETE", f"/executions/{run}").status == 202
        answer = client.receive().json()
    assert (answer["id"], answer["stdout"], answer["session"]["interrupted"]) == (run, "on\n", True)
    assert victim.file("GET", "secret").body == b"x"
    expect_unharmed(victim, 1)
