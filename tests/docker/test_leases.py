"""Sessions on a real engine, as a front has them on the wire."""

import time

import pytest

import wire
from fake_front import Broker
from gateway import SLOW

OUTPUT = {"displays_bytes": 100_000, "timeout_ms": 20_000 * SLOW}


@pytest.fixture(scope="module")
def broker(engine):
    with Broker(engine.host, MAYFLY_WARM=1, MAYFLY_MAX_BOXES=8, MAYFLY_SESSIONS=4) as running:
        yield running
        assert running.process.stop() == 0
    (started,) = running.process.events("broker_started")
    assert not engine.managed(f"label=mayfly.instance={started['instance']}")


@pytest.fixture
def front(broker):
    with broker.front() as running:
        yield running
        for session, told in running.sessions.items():
            if told.state != wire.SESSION_GONE:
                running.order_of(session, wire.SESSION_END)
                running.gone(session)


def shown(run):
    """The texts of a cell's displays."""
    found = [wire.Artifact.decode(frame.payload) for frame in run.frames if frame.type == wire.DISPLAY]
    return [display.content.decode() for display in found if display.media_type == "text/plain"]


def ask(front, session, source, **fields):
    run = front.run(session, source, **OUTPUT | fields)
    return shown(run), run.outcome


def running(front, session, source):
    return front.started(front.send(source, session, **OUTPUT))


def box_of(broker, name):
    [box] = [event["box"] for event in broker.process.events("session_opened") if event["session"] == name]
    return box


def test_two_cells_share_a_name(front):
    session = front.open("names", files={"in.txt": b"7"})
    ask(front, session, "x = int(open('in.txt').read())")
    texts, outcome = ask(front, session, "x + 1")
    assert texts == ["8"] and outcome.generation == 1
    told = front.sessions[session]
    assert told.cells_count == 2 and told.peak_memory_bytes > 5 << 20


def test_sessions_share_nothing(front):
    first, second = front.open("one"), front.open("two")
    ask(front, first, "x = 1\nopen('/tmp/mark', 'w').close()")
    assert ask(front, second, "import os\n('x' in globals(), os.path.exists('/tmp/mark'))")[0] == ["(False, False)"]


def test_an_interrupt_keeps_the_state(front):
    session = front.open("interrupt")
    run = running(front, session, "x = 5\nimport time\nprint('x', flush=True)\ntime.sleep(60)")
    front.interrupt(run)
    outcome = front.ended(run).outcome
    assert (outcome.verdict, outcome.exit_code, outcome.generation) == (wire.EXITED, 1, 1)
    assert ask(front, session, "x")[0] == ["5"]


def test_a_front_that_goes_interrupts_its_cell_and_keeps_the_state(broker, front):
    session = front.open("gone")
    with broker.front() as other:
        running(other, session, "x = 6\nimport time\nprint('x', flush=True)\ntime.sleep(60)")
    front.notice(session, lambda told: told.state == wire.SESSION_IDLE and told.cells_count == 1)
    texts, outcome = ask(front, session, "x")
    assert texts == ["6"] and outcome.generation == 1


def test_a_cell_that_does_not_obey_is_killed_in_time(front):
    session = front.open("stubborn")
    ask(front, session, "import time")
    begun = time.monotonic()
    _, outcome = ask(front, session, "while True:\n    try: time.sleep(60)\n    except BaseException: pass",
                     timeout_ms=1000 * SLOW)
    assert (outcome.verdict, outcome.generation) == (wire.TIMEOUT, 2)
    assert time.monotonic() - begun > 2
    assert ask(front, session, "1")[0] == ["1"]


def test_want_of_memory_raises_the_generation_and_keeps_the_files(front):
    session = front.open("memory", memory_bytes=64 << 20)
    ask(front, session, "x = 1\nopen('kept', 'w').close()")
    _, outcome = ask(front, session, "y = bytearray(1 << 28)\ny[::4096] = b'1' * len(y[::4096])")
    assert (outcome.verdict, outcome.generation) == (wire.OOM, 2)
    assert front.sessions[session].generation == 2
    assert ask(front, session, "import os\n('x' in globals(), os.path.exists('kept'))")[0] == ["(False, True)"]


def test_a_killed_box_ends_its_session(engine, broker, front):
    idle, busy = front.open("killed-idle"), front.open("killed-busy")
    run = running(front, busy, "import time\nprint('x', flush=True)\ntime.sleep(60)")
    for name in ("killed-idle", "killed-busy"):
        engine.docker("kill", box_of(broker, name))
    assert front.gone(idle) == front.gone(busy) == "crashed"
    assert front.ended(run).outcome.verdict == wire.LOST


def test_files_are_written_read_listed_and_removed(front):
    session = front.open("files")
    files = {"is_cell": False, "files_bytes": 1 << 20, "file_bytes": 1 << 20}
    ask(front, session, "import os\nos.makedirs('d/e')\nopen('d/e/f', 'w').write('made')")
    assert front.run(session, files={"d/g": b"put"}, **files).outcome.exit_code == 0
    found = front.run(session, outputs=["**"], **files | {"file_bytes": 0, "files_bytes": 1}).files
    assert [(file.path, file.size_bytes, file.content) for file in found] == [("d/e/f", 4, b""), ("d/g", 3, b"")]
    assert [file.content for file in front.run(session, outputs=["d/g"], **files).files] == [b"put"]
    assert front.run(session, removed=["d/g"], **files).outcome.exit_code == 0
    assert front.run(session, removed=["d/g"], **files).outcome.exit_code == 1
    assert ask(front, session, "os.listdir('d')")[0] == ["['e']"]


def test_an_idle_session_and_an_old_one_end(engine, broker, front):
    idle = front.open("idle", idle_ms=500)
    old = front.open("old", idle_ms=1500, life_ms=1500)
    boxes = [box_of(broker, name) for name in ("idle", "old")]
    run = running(front, old, "import time\nprint('x', flush=True)\ntime.sleep(60)")
    assert front.gone(idle) == "idle_timeout" and front.gone(old) == "max_lifetime"
    assert "max_lifetime" in front.ended(run).outcome.text
    deadline = time.monotonic() + 30 * SLOW
    while set(boxes) & {box["Name"].lstrip("/") for box in engine.inspect(engine.managed())}:
        assert time.monotonic() < deadline
        time.sleep(0.1)


# ---- cells that want more than their session ----

FORGE = "import mayfly_session, gc\n[ours] = [o for o in gc.get_objects() if isinstance(o, mayfly_session.Session)]\n"
HOSTILE = {
    "forged_end": FORGE + "ours.control.sendmsg([b'e\\x00'])\nimport time\ntime.sleep(0.2)\nprint('late', flush=True)",
    "kills_all": "import os\nos.kill(-1, 9)",
    "kills_init": "import os\nfor number in (9, 15, 19, 2): os.kill(1, number)",
    "flood": "import os\nfor _ in range(2000): os.write(1, b'x' * 65536)",
    "fork_bomb": "import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n"
                 "    try: os.fork()\n    except OSError: pass",
    "writers": "import subprocess\nfor _ in range(5): subprocess.Popen(['/usr/bin/yes'], start_new_session=True)",
    "stopped": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "full_disk": "try:\n    with open('big', 'wb') as file:\n        while True: file.write(b'x' * 65536)\nexcept OSError: pass",
    "closed": "import os\nos.closerange(0, 2000)",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_cell_harms_its_own_session_alone(broker, front, name):
    victim = front.open(f"victim-{name}")
    ask(front, victim, "x = 1")
    session = front.open(name)
    outcome = front.run(session, HOSTILE[name], **OUTPUT | {"timeout_ms": 2000, "output_bytes": 100_000}).outcome
    assert outcome.verdict != wire.LOST, outcome
    texts, after = ask(front, victim, "x")
    assert texts == ["1"] and after.generation == 1 and after.dropped_bytes == 0
    # Its own session serves on, and a later cell ends as it says.
    done = front.run(session, "import sys\nprint('mine')\nsys.exit(3)", **OUTPUT | {"output_bytes": 1 << 20}).outcome
    if done.exit_code != 3:  # the forged end has left a word, or the rest of its cell
        done = front.run(session, "import sys\nsys.exit(3)", **OUTPUT).outcome
    assert (done.verdict, done.exit_code) == (wire.EXITED, 3)
    assert front.ended(front.send("print(1)", **{"timeout_ms": 20_000})).stdout == b"1\n"
