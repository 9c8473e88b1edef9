"""The reports of mayfly-init about every way in which a program can end."""

import signal
import time

import pytest

import wire
from box import Box, MIB, Result

SH = ("/bin/sh", "-c")


@pytest.fixture
def run(engine):
    """Run one program in a box of its own."""

    def run(source, seconds=30, limits=None, **job):
        with Box(engine.socket, **(limits or {})) as box:
            result = box.run(source, seconds, **job)
            assert result.outcome or result.refusal, bytes(box.stderr)
            box.close_stdin()  # where we were slow to read, it stays until we let go of it
            assert box.next_frame(time.monotonic() + 10) is None, "a frame after the last"
            assert box.exit_code() == 0
            return result

    return run


# ---- how it ended ----

@pytest.mark.parametrize("source, code", [
    ("pass", 0),
    ("import sys; sys.exit(3)", 3),
    ("import os; os._exit(259)", 3),
    ("1/0", 1),
    ("import os; os.execv('/bin/sh', ['sh', '-c', 'exit 7'])", 7),
])
def test_exit_codes(run, source, code):
    outcome = run(source).outcome
    assert (outcome.verdict, outcome.exit_code, outcome.signal) == (wire.EXITED, code, 0)


@pytest.mark.parametrize("source, number", [
    ("import os; os.abort()", signal.SIGABRT),
    ("import os; os.kill(os.getpid(), 9)", signal.SIGKILL),
    ("import os; os.kill(os.getpid(), 15)", signal.SIGTERM),
    ("import ctypes; ctypes.string_at(0)", signal.SIGSEGV),
    ("import os; os.kill(os.getpid(), 35)", 35),
])
def test_signals(run, source, number):
    outcome = run(source).outcome
    assert (outcome.verdict, outcome.exit_code, outcome.signal) == (wire.SIGNALED, 0, number)


def test_frames_come_in_order_with_the_run_id(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job("print('hi')").frame(0x1122334455667788))
        result = box.collect(Result(), run_id=0x1122334455667788)
        assert result.frames == [wire.STARTED, wire.OUTPUT, wire.END]
        assert result.stdout == b"hi\n"


def test_timeout(run):
    result = run("import time\nwhile True: print(time.process_time_ns(), flush=True)", timeout_ms=1000)
    assert result.outcome.verdict == wire.TIMEOUT
    used_ns = [int(line) for line in result.stdout.splitlines()[:-1]]
    assert len(used_ns) > 1 and 1e9 <= result.outcome.wall_ns
    assert result.outcome.cpu_ns > used_ns[-1] - used_ns[0]


def test_stopped_program_runs_into_its_deadline(run):
    outcome = run("import os, signal; os.kill(os.getpid(), signal.SIGSTOP)", timeout_ms=1000).outcome
    assert outcome.verdict == wire.TIMEOUT


def test_no_signal_can_be_ignored_at_the_deadline(run):
    outcome = run("""
import signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
time.sleep(60)
""", timeout_ms=1000).outcome
    assert outcome.verdict == wire.TIMEOUT


def test_memory_limit(run):
    outcome = run("keep = []\nwhile True: keep.append(bytearray(1 << 20))",
                  limits={"memory_bytes": 64 * MIB}).outcome
    assert (outcome.verdict, outcome.signal) == (wire.OOM, signal.SIGKILL)
    assert outcome.oom_kills >= 1
    assert 56 * MIB < outcome.peak_memory_bytes <= 64 * MIB


def test_memory_limit_of_a_child_only(run):
    result = run("""
import subprocess, sys
child = subprocess.run([sys.executable, '-c', 'keep = [bytearray(1 << 20) for _ in range(1000)]'])
print(child.returncode)
""", limits={"memory_bytes": 64 * MIB})
    assert result.stdout == b"-9\n"
    assert result.outcome.verdict == wire.EXITED
    assert result.outcome.oom_kills == 1


# ---- what it left behind ----

def test_grandchild_that_holds_stdout_is_not_waited_for(run):
    result = run("""
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: time.sleep(600)
    os._exit(0)
print('done')
""")
    assert result.stdout == b"done\n"
    assert result.outcome.verdict == wire.EXITED


def test_fork_bomb(run):
    outcome = run("""
import os
while True:
    try: os.fork()
    except OSError: pass
""", timeout_ms=1000).outcome
    assert outcome.verdict == wire.TIMEOUT
    assert outcome.wall_ns < 5e9


def test_zombies_are_reaped(run):
    result = run("""
import os, time
for _ in range(100):
    while True:
        try: pid = os.fork()
        except BlockingIOError: time.sleep(0.01)
        else: break
    if pid == 0:
        if os.fork() == 0: os._exit(0)
        os._exit(0)
    os.waitpid(pid, 0)
print('done')
""", limits={"pids": 32}, timeout_ms=25000)
    assert result.stdout == b"done\n", bytes(result.stderr)


def test_kill_everything_spares_init(run):
    result = run("""
import os, subprocess
child = subprocess.Popen(['sleep', '60'])
os.kill(-1, 9)
print(child.wait(), os.getppid())
""")
    assert result.stdout == b"-9 1\n"
    assert result.outcome.verdict == wire.EXITED


def test_every_signal_to_init_changes_nothing(run):
    result = run("""
import os
for number in range(1, 65):
    try: os.kill(1, number)
    except OSError: pass
print('alive')
""")
    assert result.stdout == b"alive\n"
    assert (result.outcome.verdict, result.outcome.exit_code) == (wire.EXITED, 0)


def test_init_cannot_be_looked_into(run):
    result = run("""
import ctypes, os
for path in ('/proc/1/fd', '/proc/1/mem', '/proc/1/environ'):
    try:
        os.listdir(path) if path.endswith('fd') else open(path, 'rb').read(1)
        print(path, 'opened')
    except PermissionError: pass
libc = ctypes.CDLL(None, use_errno=True)
print(libc.ptrace(16, 1, 0, 0), os.readlink('/proc/self/fd/1')[:5])
""")
    assert result.stdout == b"-1 pipe:\n"


# ---- streams ----

def test_output_past_the_cap_is_cut_and_counted(run):
    result = run("import sys\nsys.stdout.write('x' * 1_000_000)\nsys.stderr.write('y' * 10)",
                 output_bytes=1000)
    assert result.stdout == b"x" * 1000
    assert result.stderr == b"y" * 10
    outcome = result.outcome
    assert (outcome.stdout_bytes, outcome.stdout_kept_bytes) == (1_000_000, 1000)
    assert (outcome.stderr_bytes, outcome.stderr_kept_bytes) == (10, 10)
    assert (outcome.verdict, outcome.exit_code) == (wire.EXITED, 0)


def test_output_of_all_caps_is_whole(run):
    result = run("import sys\nfor i in range(4000): sys.stdout.write(f'{i:05}' * 50)",
                 output_bytes=2 * MIB)
    assert result.stdout == "".join(f"{i:05}" * 50 for i in range(4000)).encode()


def test_flood_is_stopped_by_the_deadline(run):
    outcome = run("import os\nwhile True: os.write(1, b'x' * 65536)", timeout_ms=1000,
                  output_bytes=1000).outcome
    assert outcome.verdict == wire.TIMEOUT
    assert outcome.stdout_kept_bytes == 1000
    assert outcome.stdout_bytes > 1000


def test_small_writes_are_gathered(run):
    result = run("import os\nfor i in range(20000): os.write(1, b'x')")
    assert result.stdout == b"x" * 20000
    assert result.output_frames < 2000


def test_first_output_is_not_held_back(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job("print('now', flush=True)\nimport time\ntime.sleep(5)").frame(1))
        deadline = time.monotonic() + 3
        assert box.next_frame(deadline).type == wire.STARTED
        assert box.next_frame(deadline).payload == b"\x01now\n"


def test_reader_that_does_not_read_slows_the_program_but_not_the_clock(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job("import os\nwhile True: os.write(1, b'x' * 65536)", timeout_ms=1500,
                          output_bytes=1 << 40).frame(1))
        time.sleep(2.5)
        result = box.collect(Result(), 30)
        assert result.outcome.verdict == wire.TIMEOUT
        assert result.outcome.stdout_bytes == result.outcome.stdout_kept_bytes == len(result.stdout)


def test_closed_descriptors(run):
    result = run("import os\nfor fd in (0, 1, 2): os.close(fd)\nimport time\ntime.sleep(0.1)\nos._exit(5)")
    assert (result.outcome.verdict, result.outcome.exit_code) == (wire.EXITED, 5)


def test_stdin_is_fed_whole(run):
    data = bytes(range(256)) * 8192
    result = run("import sys, zlib\nprint(zlib.crc32(sys.stdin.buffer.read()))", stdin=data)
    import zlib
    assert result.stdout == b"%d\n" % zlib.crc32(data)


def test_unread_stdin_blocks_nothing(run):
    result = run("print('done')", stdin=b"x" * (4 * MIB))
    assert result.stdout == b"done\n"
    result = run("import os, time\nos.close(0)\ntime.sleep(0.2)\nprint('done')", stdin=b"x" * MIB)
    assert result.stdout == b"done\n"


# ---- what it used ----

def test_cpu_time_of_program_and_children(run):
    burn = "import time\nt = time.process_time()\nwhile time.process_time() - t < 0.3: pass\n"
    alone = run(burn).outcome
    assert 0.3e9 <= alone.cpu_ns < 0.6e9
    asleep = run("import time; time.sleep(0.3)").outcome
    assert asleep.cpu_ns < 0.1e9 and asleep.wall_ns >= 0.3e9
    waited = run(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])").outcome
    assert 0.3e9 <= waited.cpu_ns < 0.8e9
    orphan = run("import os\nreader, writer = os.pipe()\nif os.fork():\n    os.read(reader, 1)\nelse:\n"
                 + "".join(f"    {line}\n" for line in burn.splitlines())
                 + "    os.write(writer, b'x')\n    time.sleep(60)\n").outcome
    assert 0.3e9 <= orphan.cpu_ns < 0.7e9


def test_hello_costs_little(run):
    outcome = run("print('hi')").outcome
    assert outcome.cpu_ns < 50e6
    assert 2 * MIB < outcome.peak_memory_bytes < 64 * MIB


# ---- files ----

def test_files_are_written_below_the_box(run):
    result = run("print(open('a/b/c.txt').read(), open('/box/d').read())",
                 files={"a/b/c.txt": b"one", "d": b"two"})
    assert result.stdout == b"one two\n"


@pytest.mark.parametrize("path", ["/etc/x", "../x", "a/../../x", "a/", "a//b", ".", "a/."])
def test_bad_paths_are_refused(run, path):
    result = run("print('ran')", files={path: b"x"})
    assert result.frames == [wire.REFUSED]
    assert result.refusal == "the program did not run: a file's path is not relative and plain"


def test_a_refusal_does_not_wait_for_the_template(run):
    """It comes while the interpreter is still warming up; init then leaves in peace, without a template."""
    for _ in range(10):
        assert run("print('ran')", files={"a/": b"x"}).frames == [wire.REFUSED]


@pytest.mark.parametrize("files", [{"a": b"", "a/b": b""}, {"main.py/x": b""}])
def test_files_in_each_others_way(run, files):
    result = run("print('ran')", files=files)
    assert result.frames == [wire.REFUSED]
    assert result.refusal.startswith("the program did not run: ") and "irectory" in result.refusal


def test_no_file_takes_the_place_of_the_source(run):
    assert run("print('source')", files={"main.py": b"print('file')"}).stdout == b"source\n"


@pytest.mark.parametrize("path", ["json.py", "json/__init__.py", "random.py"])
def test_file_named_like_a_warm_module_is_imported(run, path):
    result = run("import json, random\nprint(json.__file__, random.__file__, __file__)",
                 files={path: b""}, args=["x"])
    assert f"/box/{path}" in result.stdout.decode()


# ---- the other ends of a box ----

@pytest.mark.parametrize("running", [False, True])
def test_stdin_eof_ends_the_box(engine, running):
    with Box(engine.socket) as box:
        if running:
            box.send(wire.Job("import time; time.sleep(60)").frame(1))
            assert box.next_frame(time.monotonic() + 5).type == wire.STARTED
        box.close_stdin()
        assert box.next_frame(time.monotonic() + 5) is None
        assert box.exit_code() == 0


@pytest.mark.parametrize("running", [False, True])
def test_cancel_ends_the_box_without_a_word(engine, running):
    with Box(engine.socket) as box:
        if running:
            box.send(wire.Job("import time; time.sleep(60)").frame(1))
            assert box.next_frame(time.monotonic() + 5).type == wire.STARTED
        box.send(wire.frame(wire.CANCEL, 1))
        assert box.next_frame(time.monotonic() + 5) is None
        assert box.exit_code() == 0


def test_idle_box_ends_itself(engine):
    with Box(engine.socket, idle_ms=2000) as box:
        assert box.next_frame(time.monotonic() + 10) is None
        assert box.exit_code() == 0


def test_idle_timer_does_not_cut_a_run(engine):
    with Box(engine.socket, idle_ms=2000) as box:
        result = box.run("import time; time.sleep(3); print('done')")
        assert result.stdout == b"done\n"


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\n\r\n",
    wire.frame(wire.RUN, 1, b"\0\1"),
    wire.frame(wire.RUN, 1, b""),
    wire.frame(wire.READY),
])
def test_malformed_frames(engine, data):
    with Box(engine.socket) as box:
        box.send(data)
        assert box.next_frame(time.monotonic() + 5) is None
        assert box.exit_code() == 64
        assert box.stderr.startswith(b"mayfly-init: ")


def test_second_run_is_refused(engine):
    with Box(engine.socket) as box:
        box.send(wire.Job("import time; time.sleep(60)").frame(1))
        box.send(wire.Job("print(2)").frame(2))
        assert box.collect(Result(), 5).outcome is None
        assert box.exit_code() == 64


def test_run_frame_in_pieces(engine):
    with Box(engine.socket) as box:
        data = wire.Job("print('whole')").frame(1)
        for i in range(0, len(data), 7):
            box.send(data[i:i + 7])
        assert box.collect(Result()).stdout == b"whole\n"


def test_template_that_dies_is_reported(engine):
    with Box(engine.socket, template=(*SH, "echo no interpreter >&2; exit 3"), ready=False) as box:
        assert box.next_frame(time.monotonic() + 10) is None
        assert box.exit_code() == 70
        assert b"no interpreter" in box.stderr and b"0x300" in box.stderr


def test_template_that_is_not_there_is_reported(engine):
    with Box(engine.socket, template=("/no/such/program",), ready=False) as box:
        assert box.next_frame(time.monotonic() + 10) is None
        assert box.exit_code() == 70
        assert b"No such file" in box.stderr


def test_template_that_never_warms_up_meets_the_idle_timer(engine):
    with Box(engine.socket, template=(*SH, "sleep 60"), ready=False, idle_ms=1000) as box:
        assert box.next_frame(time.monotonic() + 10) is None
        assert box.exit_code() == 0
