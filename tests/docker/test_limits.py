"""The limits that init enforces or reports: CPU time, record locks, processes, files; and the measurements for them."""

import os
import re
import signal
from pathlib import Path

import pytest

import wire
from box import Box, MIB

CPUS = len(os.sched_getaffinity(0))
BURN = """
import time
def burn(seconds):
    begun = time.process_time()
    while time.process_time() - begun < seconds: pass
"""


@pytest.fixture
def run(engine):
    """Run one program in a box of its own."""

    def run(source, limits=None, **job):
        with Box(engine.socket, **(limits or {})) as box:
            return box.run(source, **job)

    return run


# ---- CPU time, as it is told ----

@pytest.mark.parametrize("source", [
    # a parent that ignores SIGCHLD: nobody waits for the child
    """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    burn(0.5)
    os._exit(0)
try: os.wait()
except ChildProcessError: pass
""",
    # a grandchild that a subreaper never waits for
    """
import ctypes
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
reader, writer = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        burn(0.5)
        os.write(writer, b'x')
    os._exit(0)
os.close(writer)
os.read(reader, 1)
""",
    # one that lives on
    """
reader, writer = os.pipe()
if os.fork() == 0:
    burn(0.5)
    os.write(writer, b'x')
    time.sleep(60)
os.read(reader, 1)
""",
], ids=["ignored", "subreaper", "left behind"])
def test_cpu_time_counts_every_process(run, source):
    outcome = run("import os" + BURN + source).outcome
    assert (outcome.verdict, outcome.exit_code) == (wire.EXITED, 0)
    assert 0.5e9 <= outcome.cpu_ns < 0.8e9


def test_cpu_time_of_a_short_program_is_not_zero(run):
    for source in ("pass", "import os; os._exit(0)"):
        outcome = run(source).outcome
        assert 0 < outcome.cpu_ns <= outcome.wall_ns * CPUS


def test_cpu_time_leaves_init_out(run):
    # Init reads and counts all of it: about as much work as it is for the program.
    result = run("import os\nfor _ in range(4000): os.write(1, bytes(65536))", output_bytes=1000)
    quiet = run("import os\nfd = os.open('/dev/null', os.O_WRONLY)\nfor _ in range(4000): os.write(fd, bytes(65536))")
    assert result.outcome.stdout_bytes == 4000 * 65536
    assert quiet.outcome.cpu_ns <= result.outcome.cpu_ns <= result.outcome.wall_ns * CPUS


# ---- CPU time, as a limit ----

@pytest.mark.parametrize("source", [
    "burn(60)",
    "import threading\nfor _ in range(4): threading.Thread(target=burn, args=(60,)).start()",
    "import os, signal\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nif os.fork() == 0: burn(60)\ntime.sleep(60)",
], ids=["alone", "threads", "child"])
def test_cpu_time_limit(run, source):
    outcome = run(BURN + source, cpu_time_ms=400, timeout_ms=20000).outcome
    assert outcome.verdict == wire.CPU_TIME
    assert (outcome.exit_code, outcome.signal) == (0, 0)
    assert 0.4e9 <= outcome.cpu_ns < 0.6e9


def test_cpu_time_limit_does_not_count_sleep(run):
    result = run("import time; time.sleep(1); print('done')", cpu_time_ms=300)
    assert result.outcome.verdict == wire.EXITED and result.stdout == b"done\n"


def test_deadline_before_the_limit_of_cpu_time(run):
    outcome = run(BURN + "burn(60)", cpu_time_ms=5000, timeout_ms=100).outcome
    assert outcome.verdict == wire.TIMEOUT and outcome.wall_ns >= 0.1e9


# ---- record locks ----

LOCK = """
import fcntl, os, struct, time
def lock(count):
    fd = os.open(f'/tmp/{os.getpid()}', os.O_RDWR | os.O_CREAT)
    for i in range(count, 0, -1):  # from the end: the kernel keeps them in order
        fcntl.fcntl(fd, fcntl.F_SETLK, struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, i * 2, 1, 0))
"""


def unreclaimable_bytes():
    text = Path("/proc/meminfo").read_text(encoding="ascii")
    return int(re.search(r"SUnreclaim: +(\d+)", text)[1]) << 10


@pytest.mark.parametrize("source", [
    "lock(2_000_000)",
    "import ctypes\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\nlock(2_000_000)",  # nobody may look at the process
    "for _ in range(8):\n    if os.fork() == 0: break\nlock(2_000_000)",
], ids=["plain", "not dumpable", "children"])
def test_record_locks_end_the_run(run, source):
    before = unreclaimable_bytes()
    result = run(LOCK + source + "\nprint('done')\ntime.sleep(60)", timeout_ms=20000)
    assert (result.outcome.verdict, result.outcome.signal) == (wire.OOM, signal.SIGKILL)
    assert "locks" in result.outcome.text
    assert result.outcome.wall_ns < 10e9 and not result.stdout
    assert unreclaimable_bytes() - before < 64 * MIB


def test_record_locks_of_a_busy_database_are_no_matter(run):
    result = run("""
import sqlite3
connections = [sqlite3.connect(f'/tmp/{i % 20}.db', timeout=5) for i in range(200)]
for n, connection in enumerate(connections[:20]):
    connection.execute('create table t (a)')
for round in range(30):
    for connection in connections:
        connection.execute('insert into t values (1)')
        connection.commit()
print(sum(c.execute('select count(*) from t').fetchone()[0] for c in connections[:20]))
""", timeout_ms=25000)
    assert result.stdout == b"6000\n", (result.outcome, bytes(result.stderr))


def test_as_many_record_locks_as_may_be(run):
    result = run(LOCK + "lock(4000)\ntime.sleep(0.5)\nprint('done')")
    assert result.stdout == b"done\n"


# ---- processes and files ----

def test_refused_processes_are_counted(run):
    result = run("""
import os
refused = 0
for _ in range(40):
    try:
        if os.fork() == 0: os.pause() if hasattr(os, 'pause') else __import__('signal').pause()
    except BlockingIOError: refused += 1
print(refused)
""", limits={"pids": 16})
    assert result.outcome.verdict == wire.EXITED
    assert result.outcome.pids_refused_count == int(result.stdout) > 0
    assert run("pass").outcome.pids_refused_count == 0


@pytest.mark.parametrize("folder", ["/box", "/tmp"])
def test_a_folder_full_of_files_is_told(run, folder):
    result = run(f"""
try:
    for i in range(100_000): open(f'{folder}/{{i}}', 'w').close()
except OSError as error: print(error.strerror)
""", limits={"tmpfs_inodes": 500})
    assert result.stdout == b"No space left on device\n"
    assert result.outcome.inodes_limit == 500
    assert run("open('/tmp/x', 'w').close()").outcome.inodes_limit == 0


@pytest.mark.parametrize("folder", ["/box", "/tmp"])
@pytest.mark.parametrize("piece", [1000, 4096, 1 << 20])
def test_a_folder_full_of_bytes_is_told(run, folder, piece):
    result = run(f"""
with open('{folder}/large', 'wb', 0) as file:
    while True: file.write(bytes({piece}))
""", limits={"tmpfs_bytes": 1 << 20})
    assert result.outcome.exit_code == 1 and b"No space left on device" in result.stderr
    assert result.outcome.room_bytes == 1 << 20
    assert result.outcome.inodes_limit == 0


def test_a_folder_that_is_not_full_is_not_told(run):
    """Neither when the last bytes fitted but for a page, nor when a program was refused more than there is."""
    assert run("open('/box/some', 'wb').write(bytes((1 << 20) - (64 << 10)))",
               limits={"tmpfs_bytes": 1 << 20}).outcome.room_bytes == 0
    result = run("import os; os.posix_fallocate(os.open('/tmp/x', os.O_RDWR | os.O_CREAT), 0, 2 << 20)",
                 limits={"tmpfs_bytes": 1 << 20})
    assert result.outcome.exit_code == 1 and result.outcome.room_bytes == 0


# ---- whose memory ran out ----

CHILD_OUT_OF_MEMORY = """
import os, signal, subprocess, sys, time
child = subprocess.run([sys.executable, '-c', 'keep = [bytearray(1 << 20) for _ in range(1000)]'])
print(child.returncode, flush=True)
"""


def test_kill_long_after_a_child_ran_out_of_memory_is_a_kill(run):
    result = run(CHILD_OUT_OF_MEMORY + "time.sleep(1)\nos.kill(os.getpid(), signal.SIGKILL)",
                 limits={"memory_bytes": 64 * MIB})
    assert result.stdout == b"-9\n"
    assert (result.outcome.verdict, result.outcome.signal) == (wire.SIGNALED, signal.SIGKILL)
    assert result.outcome.oom_kills == 1


def test_running_out_of_memory_after_a_child_did_is_the_limit(run):
    result = run(CHILD_OUT_OF_MEMORY + "time.sleep(1)\nkeep = [bytearray(1 << 20) for _ in range(1000)]",
                 limits={"memory_bytes": 64 * MIB})
    assert (result.outcome.verdict, result.outcome.oom_kills) == (wire.OOM, 2)


# ---- one stream ----

MIXED = """
import os, sys
for i in range(300):
    os.write(1 + i % 2, b'%d ' % i)
print('\\nto stderr', file=sys.stderr)
1/0
"""


@pytest.mark.parametrize("env", [{}, {"PYTHONHASHSEED": "0"}], ids=["warm", "cold"])
def test_merged_output_is_in_order(run, env):
    result = run(MIXED, output_merged=1, env=env)
    numbers, rest = result.stdout.split(b"\n", 1)
    assert numbers.split() == [b"%d" % i for i in range(300)]
    assert rest.startswith(b"to stderr\nTraceback") and rest.endswith(b"division by zero\n")
    assert not result.stderr
    assert (result.outcome.stderr_bytes, result.outcome.stdout_bytes) == (0, len(result.stdout))


def test_merged_output_has_one_cap(run):
    outcome = run("import os\nfor i in range(100): os.write(1 + i % 2, bytes(100))", output_merged=1,
                  output_bytes=1000).outcome
    assert (outcome.stdout_bytes, outcome.stdout_kept_bytes, outcome.stderr_bytes) == (10000, 1000, 0)


# ---- stdin ----

def test_stdin_can_never_be_changed(run):
    result = run("""
import mmap, os
os.chmod('/dev/stdin', 0o666)
fd = os.open('/dev/stdin', os.O_RDWR)
for change in (lambda: os.pwrite(fd, b'x', 0), lambda: os.ftruncate(fd, 1), lambda: mmap.mmap(fd, 3)):
    try: print(change())
    except OSError as error: print(error.strerror)
print(os.read(0, 10))
""", stdin=b"abc")
    assert result.stdout == b"Operation not permitted\n" * 3 + b"b'abc'\n"


def test_stdin_that_does_not_fit_the_memory_starts_nothing(engine):
    # Twice over, in init's hands and in the file. Whom the kernel takes is its own choice, as with files.
    for _ in range(10):
        with Box(engine.socket, memory_bytes=32 * MIB) as box:
            result = box.run("print('ran')", stdin=bytes(12 * MIB))
        assert not result.outcome and not result.stdout and result.frames in ([], [wire.REFUSED])
        if result.frames:
            break
    assert result.refusal == "the program did not run: its files and stdin do not fit into its memory limit"


# ---- what cannot begin ----

def test_a_cold_start_that_fails_leaves_no_word_of_ours(run):
    # More than the kernel takes for one argument, and an environment that python3 itself must see.
    result = run("print('ran')", args=["x" * (1 << 20)], env={"PYTHONHASHSEED": "0"})
    assert result.frames == [wire.REFUSED] and not result.stderr
    assert result.refusal == "the program did not run: /usr/bin/python3: Argument list too long"
