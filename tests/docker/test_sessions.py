"""Boxes that keep their interpreter, one session each: state is kept between cells, no cell runs longer than its time,
and a loss of state is reported."""

import time

import pytest

import wire
from box import DATA_IMAGE, Box, Result
from test_cells import CAP, Cell

SESSION_MS = 600_000


class Session:
    """A box, and its cells."""

    def __init__(self, box, **job):
        self.box, self.job, self.number = box, job, 0

    def send(self, source, **job):
        """Send a cell. Returns the id of its run."""
        self.number += 1
        fields = {"displays_bytes": CAP, "timeout_ms": 20000, "is_cell": True, "session_ms": SESSION_MS,
                  "keeps_box": True, **self.job, **job}
        self.box.send(wire.Job(source, **fields).frame(self.number))
        return self.number

    def collect(self):
        """What became of the cell, once the box is READY again."""
        result = self.box.collect(Result(), run_id=self.number)
        assert result.outcome is not None, (result.refusal, bytes(self.box.stderr))
        if self.job.get("keeps_box", True):
            ready = self.box.next_frame(time.monotonic() + 30)
            assert ready is not None and ready.type == wire.READY, (ready, bytes(self.box.stderr))
        cell = Cell(result)
        cell.outcome, cell.files = result.outcome, {file.path: file.content for file in result.files}
        return cell

    def run(self, source, **job):
        self.send(source, **job)
        return self.collect()

    def files(self, outputs=(), **job):
        """A run without a program."""
        return self.run("-", is_cell=False, outputs=list(outputs), files_bytes=1 << 20, file_bytes=1 << 20, **job)

    def running(self, source, **job):
        """Send a cell, and wait until it has printed something."""
        number = self.send(source, **job)
        for kind in (wire.STARTED, wire.OUTPUT):
            frame = self.box.next_frame(time.monotonic() + 30)
            assert frame is not None and frame.type == kind, (frame, bytes(self.box.stderr))
        return number


@pytest.fixture
def session(engine):
    with Box(engine.socket) as box:
        yield Session(box)


def said(cell):
    return cell.stdout, cell.stderr, cell.code, cell.outcome.generation


# ---- state ----

def test_names_modules_files_and_the_folder_stay(session):
    assert said(session.run("import json\nx = 1\ndef f(): return x\nopen('a', 'w').write('kept')")) == ("", "", 0, 1)
    assert session.run("x += 1\n(f(), json.dumps(x), open('a').read())").texts == ["(2, '2', 'kept')"]
    session.run("import os\nos.mkdir('b')\nos.chdir('b')")
    assert session.run("os.getcwd()").texts == ["'/box/b'"]
    assert session.run("sorted(os.listdir('/box'))").texts == ["['a', 'b']"]
    session.run("7")
    assert session.run("_").texts == ["7"]


def test_the_event_loop_and_its_tasks_stay(session):
    session.run("import asyncio\nevent = asyncio.Event()\nasync def wait():\n    await event.wait()\n    return 5\n"
                "task = asyncio.ensure_future(wait())\nawait asyncio.sleep(0)")
    assert session.run("event.set()\nawait task").texts == ["5"]


def test_each_cell_has_its_own_stdin(session):
    assert session.run("input()", stdin="one\n").texts == ["'one'"]
    assert session.run("import sys, os\n(sys.stdin.read(), os.read(0, 9))", stdin="two\n").texts == ["('two\\n', b'')"]
    assert session.run("input()").error["name"] == "EOFError"


def test_an_exception_names_its_cell_and_the_lines_of_earlier_ones(session):
    session.run("def f():\n    return 1 / 0")
    error = session.run("\nf()").error
    assert [line for line in error["traceback"] if not line.strip(" ~^") == ""] == [
        "Traceback (most recent call last):", '  File "<cell 2>", line 2, in <module>', "    f()",
        '  File "<cell 1>", line 2, in f', "    return 1 / 0", "ZeroDivisionError: division by zero"]


def test_an_exit_ends_the_cell_alone(session):
    session.run("x = 1")
    assert said(session.run("import sys\nsys.exit(3)")) == ("", "", 3, 1)
    assert said(session.run("sys.exit('gone')")) == ("", "gone\n", 1, 1)
    assert session.run("x").texts == ["1"]


def test_environment_and_arguments_are_the_sessions(engine):
    with Box(engine.socket) as box:
        session = Session(box, env={"A": "b"}, args=["one"])
        assert session.run("import os, sys\n(os.environ['A'], sys.argv)").texts == ["('b', ['/box/main.py', 'one'])"]


def test_a_variable_that_python_reads_at_its_start_is_refused(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job("1", is_cell=True, session_ms=SESSION_MS, env={"PYTHONHASHSEED": "1"}).frame(1))
        result = box.collect(Result())
        assert "a variable that Python reads at its start" in result.refusal


# ---- files ----

def test_files_are_written_and_read_without_a_program(session):
    assert session.files(files={"d/in.txt": b"in"}).code == 0
    session.run("text = open('d/in.txt').read()\nopen('out.txt', 'w').write(text.upper())")
    cell = session.files(["**"])
    assert cell.files == {"d/in.txt": b"in", "out.txt": b"IN"} and cell.outcome.generation == 1


def test_cells_display_after_files_were_moved(session):
    assert session.run("7").texts == ["7"]
    session.files(files={"a": b"x"}, displays_bytes=0)
    assert session.run("8").texts == ["8"]


def test_a_cell_takes_and_gives_files_too(session):
    cell = session.run("open('b', 'w').write(open('a').read() * 2)", files={"a": b"x"}, outputs=["b"], files_bytes=100,
                       file_bytes=100)
    assert cell.files == {"b": b"xx"}


def test_a_file_is_removed(session):
    session.files(files={"d/a": b"x", "b": b"y"})
    assert session.files(["**"], removed=["d/a"]).files == {"b": b"y"}
    session.run("import os\nos.symlink('b', 'link')\nos.mkdir('c')")
    assert session.files(["**"], removed=["link"]).files == {"b": b"y"}
    for path in ("d/a", "c", "../b", "b/x"):
        cell = session.files(removed=[path])
        assert cell.code == 1 and cell.outcome.text, path
    assert session.files(["**"]).files == {"b": b"y"}


def test_a_pipe_in_the_place_of_a_file_makes_nobody_wait(session):
    session.run("import os\nos.mkfifo('a')")
    assert session.files(files={"a": b"x"}).code == 1
    assert session.run("1").texts == ["1"]


def test_each_cell_may_merge_its_output(session):
    both = "import sys\nfor i in range(3):\n    print('out', flush=True)\n    print('err', file=sys.stderr, flush=True)"
    cell = session.run(both, output_merged=True)
    assert (cell.stdout, cell.stderr) == ("out\nerr\n" * 3, "")
    cell = session.run(both)
    assert (cell.stdout, cell.stderr) == ("out\n" * 3, "err\n" * 3)
    assert session.run(both, output_merged=True).stdout == "out\nerr\n" * 3


def test_a_file_that_cannot_be_written_is_told_and_the_session_goes_on(session):
    session.run("x = 1\nimport os\nos.mkdir('a')")
    cell = session.files(files={"a": b"x"})
    assert cell.code == 1 and "a file of the job cannot be written" in cell.outcome.text
    assert session.run("x").texts == ["1"]


# ---- time ----

def test_a_cell_that_takes_too_long_is_interrupted_and_its_state_is_kept(session):
    session.run("import time\nx = 1")
    cell = session.run("x = 2\ntime.sleep(60)", timeout_ms=500)
    assert cell.outcome.verdict == wire.TIMEOUT and cell.outcome.generation == 1
    assert cell.error["name"] == "KeyboardInterrupt"
    assert session.run("x").texts == ["2"]


def test_a_cell_that_does_not_obey_is_killed_with_its_state(session):
    session.run("x = 1\nopen('kept', 'w').close()")
    cell = session.run("import time\nwhile True:\n    try: time.sleep(60)\n    except BaseException: pass", timeout_ms=500)
    assert cell.outcome.verdict == wire.TIMEOUT and cell.outcome.generation == 2
    after = session.run("import os\n('x' in globals(), os.path.exists('kept'))")
    assert after.texts == ["(False, True)"] and after.outcome.generation == 2


def test_an_interrupt_is_a_keyboard_interrupt(session):
    number = session.running("x = 7\nprint(x, flush=True)\nimport time\ntime.sleep(60)")
    session.box.send(wire.frame(wire.INTERRUPT, number + 1))  # of another run: nothing
    session.box.send(wire.frame(wire.INTERRUPT, number))
    cell = session.collect()
    assert cell.outcome.verdict == wire.EXITED and (cell.code, cell.outcome.generation) == (1, 1)
    assert cell.error["name"] == "KeyboardInterrupt"
    session.box.send(wire.frame(wire.INTERRUPT, number))  # it has ended
    assert session.run("x").texts == ["7"]


def test_an_interrupt_that_is_not_obeyed_ends_the_interpreter(session):
    number = session.running("import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint(1, flush=True)\n"
                             "import time\ntime.sleep(60)")
    session.box.send(wire.frame(wire.INTERRUPT, number))
    cell = session.collect()
    assert cell.outcome.verdict == wire.SIGNALED and cell.outcome.generation == 2


def test_a_cells_handler_of_interrupts_is_its_own(session):
    session.run("import signal, time\ncaught = []\nsignal.signal(signal.SIGINT, lambda *_: caught.append(1))")
    number = session.running("print(1, flush=True)\nwhile not caught: time.sleep(0.01)")
    session.box.send(wire.frame(wire.INTERRUPT, number))
    assert session.collect().code == 0
    assert session.run("caught").texts == ["[1]"]


def test_cpu_time_is_counted_for_each_cell(session):
    for _ in range(3):
        cell = session.run("import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass",
                           cpu_time_ms=1000)
        assert cell.code == 0 and 0.15e9 < cell.outcome.cpu_ns < 1e9
    cell = session.run("while True: pass", cpu_time_ms=300)
    assert cell.outcome.verdict == wire.CPU_TIME and cell.outcome.generation == 2


# ---- loss ----

@pytest.mark.parametrize("source, verdict, code", [
    ("import os\nos._exit(3)", wire.EXITED, 3),
    ("import os\nos.kill(os.getpid(), 9)", wire.SIGNALED, -9),
    ("import ctypes\nctypes.string_at(0)", wire.SIGNALED, -11),
    ("import os\nif os.fork() == 0: os.kill(-1, 9)\nimport time\ntime.sleep(60)", wire.SIGNALED, -9),
])
def test_a_dead_interpreter_is_told_and_replaced(session, source, verdict, code):
    session.run("x = 1")
    cell = session.run(source)
    assert (cell.outcome.verdict, cell.code, cell.outcome.generation) == (verdict, code, 2)
    after = session.run("'x' in globals()")
    assert after.texts == ["False"] and after.outcome.generation == 2


def test_want_of_memory_is_named(engine):
    with Box(engine.socket, memory_bytes=64 << 20) as box:
        session = Session(box)
        cell = session.run("x = bytearray(1 << 28)\nx[::4096] = b'1' * len(x[::4096])")
        assert cell.outcome.verdict == wire.OOM and cell.outcome.generation == 2
        assert session.run("1").texts == ["1"]


def test_an_interpreter_that_dies_between_cells_is_replaced(session):
    session.run("x = 1\nimport os, threading, time\nthreading.Timer(0.3, os._exit, (0,)).start()")
    deadline = time.monotonic() + 20
    while session.run("1").outcome.generation == 1:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert session.run("'x' in globals()").texts == ["False"]


def test_a_box_without_another_run_ends_by_itself(engine):
    with Box(engine.socket) as box:
        Session(box).run("1", session_ms=1)
        assert box.exit_code() == 0


def test_a_job_of_no_session_ends_the_box(engine):
    with Box(engine.socket) as box:
        Session(box).run("1")
        box.send(wire.Job("1").frame(9))
        assert box.exit_code() == 64


# ---- output ----

def test_what_comes_between_cells_is_dropped_and_counted(session):
    session.run("import threading, time, os\ngo = threading.Event()\n"
                "threading.Thread(target=lambda: (go.wait(), time.sleep(0.3), os.write(1, b'late' * 100)), daemon=True).start()")
    session.run("go.set()")
    time.sleep(1)  # nothing tells that it was dropped
    cell = session.run("print('mine')")
    assert cell.stdout == "mine\n" and cell.outcome.dropped_bytes >= 400


def test_a_flood_from_an_earlier_cell_does_not_keep_the_next_from_its_end(session):
    session.run("import subprocess, sys\n"
                "child = subprocess.Popen([sys.executable, '-c', 'while True: print(\"x\" * 1000)'])")
    cell = session.run("1", output_bytes=1000)
    assert cell.texts == ["1"] and len(cell.stdout) <= 1000
    session.run("child.kill()\nchild.wait()")
    assert session.run("print('clean')").stdout.endswith("clean\n")


def test_all_of_a_cells_output_comes_before_its_end(session):
    for size in (1, 1000, 100_000, 1_000_000):
        cell = session.run(f"print('x' * {size})", output_bytes=2 << 20)
        assert len(cell.stdout) == size + 1


def test_displays_belong_to_their_cell(session):
    assert session.run("display(1)\n2").texts == ["1", "2"]
    assert session.run("display(3)").texts == ["3"]
    assert session.run("for i in range(300): display(i)").texts == [str(i) for i in range(256)]
    assert session.run("4").texts == ["4"]


def test_a_run_without_displays_leaves_those_of_later_cells(session):
    assert session.run("1").texts == ["1"]
    session.files(displays_bytes=0)
    assert session.run("2").texts == ["2"]
    assert session.run("1 / 0").error["name"] == "ZeroDivisionError"


def test_figures_are_shown_once_and_closed(engine):
    with Box(engine.socket, image=DATA_IMAGE) as box:
        session = Session(box)
        cell = session.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
        assert [kind for kind, _ in cell.displays] == ["image/png", "text/plain"]
        assert session.run("plt.get_fignums()").displays == [("text/plain", b"[]")]
        assert session.run("import pandas as pd\npd.DataFrame({'a': [1]})").displays[0][0] == "text/html"


def test_a_thousand_cells_do_not_drift(session):
    session.run("n = 0")
    first = session.run("import os\nlen(os.listdir('/proc/self/fd'))").texts
    for _ in range(1000):
        assert session.run("n += 1").code == 0
    assert session.run("n").texts == ["1000"]
    assert session.run("len(os.listdir('/proc/self/fd'))").texts == first


# ---- cells that lie ----

FORGE = "import mayfly_session, gc\n[ours] = [o for o in gc.get_objects() if isinstance(o, mayfly_session.Session)]\n"


def test_a_forged_end_ends_only_the_cell_that_forged_it(session):
    cell = session.run(FORGE + "import time\nours.control.sendmsg([b'e\\x05'])\ntime.sleep(0.3)\nprint('late', flush=True)")
    assert cell.code == 5
    after = session.run("1", timeout_ms=5000)
    assert after.outcome.generation >= 1
    assert session.run("2").texts in (["2"], ["1"])


def test_words_without_meaning_end_the_interpreter(session):
    cell = session.run(FORGE + "ours.control.sendmsg([b'?' * 100])\nimport time\ntime.sleep(60)")
    assert cell.outcome.verdict == wire.SIGNALED and cell.outcome.generation == 2


def test_a_closed_control_socket_ends_the_interpreter(session):
    cell = session.run("import os\nos.closerange(3, 2000)\nimport time\ntime.sleep(60)")
    assert cell.outcome.verdict == wire.SIGNALED and cell.outcome.generation == 2


def test_an_interpreter_that_takes_no_cells_does_not_hold_up_init(session):
    session.run(FORGE + "import time\nours.next_cell = lambda: time.sleep(1000)")
    cell = session.run("1", timeout_ms=500)
    assert cell.outcome.verdict == wire.TIMEOUT and cell.outcome.generation == 2
    assert session.run("1").texts == ["1"]


def test_a_fork_bomb_ends_with_its_cell(session):
    cell = session.run("import os, signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
                       "while True:\n    try: os.fork()\n    except OSError: pass", timeout_ms=500)
    assert cell.outcome.verdict == wire.TIMEOUT and cell.outcome.generation == 2
    assert session.run("1").texts == ["1"]


def test_a_fork_ends_with_the_cell(session):
    cell = session.run("import os\npid = os.fork()\nprint('x')\nif pid: os.waitpid(pid, 0)\n'end'")
    assert (cell.stdout, cell.texts, cell.outcome.generation) == ("x\nx\n", ["'end'", "'end'"], 1)
    assert session.run("1").texts == ["1"]


def test_a_stopped_interpreter_is_killed(session):
    cell = session.run("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", timeout_ms=500)
    assert cell.outcome.verdict == wire.TIMEOUT and cell.outcome.generation == 2
