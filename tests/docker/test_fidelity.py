"""A program behaves through Mayfly byte for byte as under `python3 /box/main.py < input.txt`.

Each file of fidelity/ runs both ways: through the gateway, and by a bare python3 in a plain container of the same
image with the same limits. Stdout, stderr and exit code (a signal as -N) must be equal. The first lines of a program
may say what it is given, as JSON:

    # args: ["one"]        # env: {"NAME": "value"}        # stdin: "text"        # stdin-repeat: 1000

Each also runs in a box that has served other programs (MAYFLY_BOX_RUNS), where none may differ either.
"""

import base64
import concurrent.futures
import json
import re
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hostile"))

import realengine
import wire
from box import DATA_IMAGE, Box, Container, create_body
from reused import KeptBox, document

PROGRAMS = sorted((Path(__file__).parent / "fidelity").glob("*.py"))
TIMEOUT_SECONDS = 30
PIDS = 64
# Of the runtime python-data, whose interpreter ends in another way and has a thousand modules more.
DATA_SAMPLE = ("env_tz", "exit_atexit_exits", "exit_del_order", "exit_in_thread", "exit_stdout_closed",
               "process_fork_buffered", "process_multiprocessing_fork", "signal_int", "trace_chained")

REUSE_ATTEMPTS = 20

# Runs as PID 1 of the plain container, so that the program, as in a box, is not.
BARE_RUNNER = r"""
import base64, json, os, subprocess, sys, threading
job = json.load(sys.stdin)
with open("/box/main.py", "wb") as f:
    f.write(base64.b64decode(job["code"]))
with open("/tmp/input.txt", "wb") as f:
    f.write(base64.b64decode(job["stdin"]))
with open("/tmp/input.txt", "rb") as given:
    os.unlink("/tmp/input.txt")
    program = subprocess.Popen(["python3", "/box/main.py", *job["args"]], cwd="/box",
                               env=os.environ | job["env"], start_new_session=True,
                               stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
streams = {"stdout": b"", "stderr": b""}
def read(name):
    while data := os.read(getattr(program, name).fileno(), 65536):
        streams[name] += data
threads = [threading.Thread(target=read, args=(name,), daemon=True) for name in streams]
for thread in threads:
    thread.start()
program.wait()
for thread in threads:
    thread.join(0.5)  # a process left in the background may hold the pipe open
answer = {name: base64.b64encode(data).decode() for name, data in streams.items()}
os.write(1, json.dumps(answer | {"returncode": program.returncode}).encode())
os._exit(0)
"""


@dataclass
class Program:
    code: bytes
    args: list = field(default_factory=list)
    env: dict = field(default_factory=dict)
    stdin: str = ""

    @classmethod
    def read(cls, path):
        program = cls(path.read_bytes())
        repeat = 1
        for line in program.code.decode(errors="replace").splitlines():
            given = re.match(r"# (args|env|stdin|stdin-repeat): (.*)", line)
            if not given:
                break
            if given[1] == "stdin-repeat":
                repeat = json.loads(given[2])
            else:
                setattr(program, given[1], json.loads(given[2]))
        program.stdin *= repeat
        return program

    @property
    def is_text(self):
        """Whether it can travel as a JSON string."""
        try:
            return b"\0" not in self.code and self.code.decode() is not None
        except UnicodeDecodeError:
            return False


NOTHING = Program(b"pass")


class Behaviour:
    """What a program did. Addresses of objects, never the same twice, are masked."""

    def __init__(self, stdout, stderr, returncode):
        self.stdout, self.stderr = (re.sub(rb"0x[0-9a-f]{6,}", b"0x", s) for s in (stdout, stderr))
        self.returncode = returncode


def run_bare(engine, program):
    body = create_body(["/usr/bin/python3", "-I", "-c", BARE_RUNNER], [], pids=PIDS)
    job = {"code": base64.b64encode(program.code).decode(), "args": program.args,
           "env": program.env, "stdin": base64.b64encode(program.stdin.encode()).decode()}
    deadline = time.monotonic() + 60
    with Container(engine.socket, body) as container:
        container.send(json.dumps(job).encode())
        container.close_stdin()
        text = b""
        while data := container.read(deadline):
            text += data
        assert text, bytes(container.stderr)
    answer = json.loads(text)
    return Behaviour(base64.b64decode(answer["stdout"]), base64.b64decode(answer["stderr"]),
                     answer["returncode"])


def run_through_gateway(gateway, program):
    """Its behaviour, and what box it had: the answer's start."""
    status, answer = gateway.execute(program.code.decode(), args=program.args, env=program.env,
                                     stdin=program.stdin, timeout=TIMEOUT_SECONDS,
                                     output_encoding="base64")
    assert status == 200, answer
    assert answer["status"] in ("success", "error"), answer
    return Behaviour(base64.b64decode(answer["stdout"]), base64.b64decode(answer["stderr"]),
                     answer["return_code"]), answer["start"]


def run_reused(gateway, program):
    """Its behaviour in a box that has served before. Only the answer says whether it had: one from a new box does not
    count. One after the other, runs of nothing leave more boxes than one, which are clean again while the last is not."""
    for _ in range(REUSE_ATTEMPTS):
        behaviour, start = run_through_gateway(gateway, program)
        if start == "reused":
            return behaviour
        for _ in range(3):
            run_through_gateway(gateway, NOTHING)
    raise AssertionError(f"no box is kept: {gateway.log()[-3000:]}")


def run_in_kept_box(engine, program):
    with KeptBox(engine, document(engine)) as box:
        assert box.serve("pass")[1] is None
        result, _ = box.serve(program.code, args=program.args, env=program.env, stdin=program.stdin)
        return Behaviour(bytes(result.stdout), bytes(result.stderr), result.returncode)


def run_in_box(engine, program, **settings):
    """For bytes that no JSON string can hold, and for another image."""
    with Box(engine.socket, pids=PIDS, **settings) as box:
        result = box.run(program.code, seconds=120, args=program.args, env=program.env, stdin=program.stdin)
        assert result.outcome.verdict in (wire.EXITED, wire.SIGNALED), result.outcome
        return Behaviour(bytes(result.stdout), bytes(result.stderr), result.returncode)


@pytest.fixture(scope="module")
def bare(engine):
    """All bare runs, made ahead, two at a time."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        started = {path: pool.submit(run_bare, engine, Program.read(path)) for path in PROGRAMS}
        yield lambda path: started[path].result()
        pool.shutdown(cancel_futures=True)


def test_corpus_is_large_enough():
    assert len(PROGRAMS) >= 60


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program(engine, gateway, bare, path):
    program = Program.read(path)
    if program.is_text:
        behaviour, _ = run_through_gateway(gateway, program)
    else:
        behaviour = run_in_box(engine, program)
    assert vars(behaviour) == vars(bare(path))


@pytest.fixture(scope="module")
def reusing(engine):
    with realengine.Gateway(engine.host, MAYFLY_BOX_RUNS=1000, MAYFLY_WARM=2, MAYFLY_MAX_BOXES=8) as running:
        yield running


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program_in_a_box_that_has_served(engine, reusing, bare, path):
    program = Program.read(path)
    if program.is_text:
        behaviour = run_reused(reusing, program)
    else:
        behaviour = run_in_kept_box(engine, program)
    assert vars(behaviour) == vars(bare(path))


@pytest.mark.parametrize("name", DATA_SAMPLE)
def test_program_in_python_data(engine, bare, name):
    [path] = [path for path in PROGRAMS if path.stem == name]
    behaviour = run_in_box(engine, Program.read(path), image=DATA_IMAGE)
    assert vars(behaviour) == vars(bare(path))
