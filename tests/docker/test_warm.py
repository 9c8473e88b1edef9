"""The warm interpreter: the jobs that it serves, the report of cold starts, its clocks, failures to start, and the
flushing of stdout."""

import pytest

import wire
from box import DATA_IMAGE, LIBRARY, PYTHON, Box

KIB = 1 << 10
NOISY = "print('shadowed')\n"
# What was imported is the standard library's: the file has another name than any module that could be found.
DATA_FILES = ("numbers.csv", "calendar.csv", "json.txt", "html/index.html", "json/notes.py", "csv.d/x.py", "Json.py",
              "string", "random/numbers.txt", "time.py", "os.py", "decimal.py.bak", "py/json.py")
SHADOWS = ("numbers.py", "json/__init__.py", "string.pyc", "calendar.so", "csv.abi3.so", "html/__init__.pyc",
           "random.cpython-{}{}-x86_64-linux-gnu.so".format(*PYTHON))


@pytest.fixture
def run(engine):
    def run(source, image=None, **job):
        settings = {"image": image} if image else {}
        with Box(engine.socket, **settings) as box:
            return box.run(source, **job)
    return run


# ---- warm or cold ----

@pytest.mark.parametrize("path", DATA_FILES)
def test_a_data_file_keeps_the_interpreter_warm(run, path):
    result = run("import calendar, csv, decimal, html, json, numbers, os, random, string, time\nprint(json.__file__)",
                 files={path: NOISY})
    assert (result.cold, bytes(result.stdout), bytes(result.stderr)) == (
        False, f"{LIBRARY}/json/__init__.py\n".encode(), b"")


@pytest.mark.parametrize("path", SHADOWS)
def test_a_file_that_shadows_a_module_is_a_cold_start(run, path):
    result = run("import calendar, csv, html, json, numbers, random, string", files={path: NOISY})
    assert result.cold
    found = b"shadowed" in result.stdout or b"/box/" in result.stderr or b"bad magic number" in result.stderr
    assert found, (result.stdout, result.stderr)


def test_a_data_file_keeps_the_packages_warm(run):
    result = run("import numpy, pandas, six\nprint(numpy.__version__)", image=DATA_IMAGE,
                 files={"pandas.csv": "a,b\n", "numpy.txt": "", "matplotlib/style.txt": ""})
    assert (result.cold, result.returncode) == (False, 0)


@pytest.mark.parametrize("job, start", [({"env": {"A": "b"}}, "warm"), ({"env": {"TZ": "Asia/Tokyo"}}, "cold")])
def test_the_answer_says_how_it_was_started(gateway, job, start):
    """One that was ready and could not serve is no warm start."""
    gateway.wait_metrics(lambda seen: seen.sum("mayfly_boxes", state="ready") >= 1, timeout=60)
    status, answer = gateway.execute("print(1)", **job)
    assert (status, answer["status"], answer["start"]) == (200, "success", start)


# ---- a start that fails ----

@pytest.mark.parametrize("job", [{"args": ["x" * 200 * KIB], "env": {"TZ": "UTC"}}, {"env": {"PYTHONX": "x" * 200 * KIB}}])
def test_a_cold_start_that_fails_is_no_program(run, job):
    result = run("print(1)", **job)
    assert (result.frames, result.refusal) == (
        [wire.REFUSED], "the program did not run: /usr/bin/python3: Argument list too long")
    assert (bytes(result.stdout), bytes(result.stderr)) == (b"", b"")


def test_large_args_and_variables_need_no_start(run):
    result = run("import os, sys\nprint(len(sys.argv[1]), len(os.environ['A']))", args=["x" * 200 * KIB],
                 env={"A": "x" * 200 * KIB})
    assert bytes(result.stdout) == f"{200 * KIB} {200 * KIB}\n".encode()


# ---- clocks ----

@pytest.mark.parametrize("image", [None, DATA_IMAGE])
def test_clocks_begin_with_the_program(run, image):
    """The packages' imports take more than a second of CPU time."""
    result = run("""
import os, resource, time
resource.setrlimit(resource.RLIMIT_CPU, (1, 1))
print(time.process_time() < 1, time.thread_time() < 1, sum(os.times()[:2]) < 1)
print(resource.getrusage(resource.RUSAGE_CHILDREN)[:7], os.getppid(), os.getsid(0) == os.getpid())
print(sum(os.stat(f"/proc/{pid}").st_uid == os.getuid() for pid in os.listdir("/proc") if pid.isdigit()))
import logging
print(0 <= logging.LogRecord("", 0, "", 0, "", (), None).relativeCreated < 1000)
""", image=image)
    assert (result.returncode, bytes(result.stderr)) == (0, b"")
    assert bytes(result.stdout).decode() == "True True True\n(0.0, 0.0, 0, 0, 0, 0, 0) 1 True\n2\nTrue\n"


def test_nothing_of_the_warm_up_is_on_the_bill(run):
    """The template's own time, its parent's and what that waited for is on the clocks of init's children."""
    result = run("pass", image=DATA_IMAGE)
    assert 0 < result.outcome.cpu_ns < 10**9


# ---- stdout ----

@pytest.mark.parametrize("env", [{}, {"TZ": "Asia/Tokyo"}], ids=["warm", "cold"])
def test_lines_are_flushed_where_the_job_asks_for_it(run, env):
    source = """
import os, sys
print("line", sys.stdout.line_buffering, sys.stdout.write_through, sys.stdout.encoding, sys.stdout.errors)
print("rest", end="")
os.write(2, repr(sorted(name for name in os.environ if "MAYFLY" in name)).encode())
os._exit(0)
"""
    lines, blocks = run(source, env=env, line_buffered=True), run(source, env=env)
    assert bool(env) == lines.cold == blocks.cold
    assert (bytes(lines.stdout), bytes(lines.stderr)) == (b"line True False utf-8 surrogateescape\n", b"[]")
    assert (bytes(blocks.stdout), bytes(blocks.stderr)) == (b"", b"[]")


def test_unbuffered_stays_unbuffered(run):
    result = run("import sys\nsys.stdout.write('x')\nimport os\nos._exit(0)", env={"PYTHONUNBUFFERED": "1"},
                 line_buffered=True)
    assert (bytes(result.stdout), bytes(result.stderr)) == (b"x", b"")


def test_its_children_are_not_told(run):
    result = run("import subprocess\nsubprocess.run(['python3', '-c', 'import sys; print(sys.stdout.line_buffering)'])",
                 line_buffered=True, env={"TZ": "UTC"})
    assert bytes(result.stdout) == b"False\n"
