"""The output and the steps of `make run`, with the real gateway, a fake engine, and nothing to install or build."""

import hashlib
import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import cli
import shipped
from eventstream import EVENTS, EventStream
from faults import FOREVER, hang
from gateway import BINARY, ROOT, Client, free_port
from helpers import gated, running, until

TIMEOUT_SECONDS = 60


@pytest.fixture
def tree(tmp_path):
    """A checkout in which setup and images are there, and the build waits until somebody writes to `gate`."""
    os.chmod(tmp_path, 0o755)
    for folder in ("deploy", "runner-image", "build/release"):
        (tmp_path / folder).mkdir(parents=True)
    for script in ("run.sh", "lib.sh", "host.sh"):
        shutil.copy(ROOT / "deploy" / script, tmp_path / "deploy")
    for stub in ("deploy/setup.sh", "runner-image/build.sh"):
        (tmp_path / stub).write_text("#!/bin/sh\n", encoding="ascii")
        (tmp_path / stub).chmod(0o755)
    os.mkfifo(tmp_path / "gate")
    (tmp_path / "build/release/mayfly").symlink_to(BINARY)
    (tmp_path / "Makefile").write_text(".PHONY: build/release/mayfly\nbuild/release/mayfly: ; cat gate\n", encoding="ascii")
    return tmp_path


@pytest.mark.parametrize("setting, seconds", [
    ("", 60), ("10000", 60), ("500", 60), ("60000", 360), ("10001", 61), ("a", 60), ("99999999", 60),
])
def test_a_slow_engine_gives_the_scripts_time(setting, seconds):
    seen = subprocess.run(["bash", "-c", ". deploy/lib.sh; patience 60"], cwd=ROOT, capture_output=True, text=True, check=True,
                          env=cli.environment(MAYFLY_ENGINE_TIMEOUT_MS=setting))
    assert seen.stdout == f"{seconds}\n"


def start(tree, engine, streams, command=None, **settings):
    port = free_port()
    env = cli.environment(DOCKER_HOST=f"unix://{engine.path}", MAYFLY_LISTEN=f"127.0.0.1:{port}", MAYFLY_WARM="1",
                          MAYFLY_RUNTIMES="python=mayfly-python:latest", **settings)
    return subprocess.Popen(command or [tree / "deploy/run.sh"], env=env, **streams)


PIPE = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "bufsize": 0}


def read_until(process, text, seen=b""):
    """What it has said once that is among it; text None: once nobody can write there any more."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while text is None or text not in seen:
        assert select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))[0], seen
        data = process.stdout.read(4096)
        if not data:
            assert text is None, seen
            break
        seen += data
    return seen


# The front has taken a SIGTERM; two that come at once are one.
DRAINING = b" draining "


def interrupt(process, text, number=signal.SIGINT):
    """A Ctrl-C, or another signal, and what has been said then. Waits until it sleeps again: bash forgets a signal that comes while it
    handles one of the same number."""
    process.send_signal(number)
    seen = read_until(process, text)
    until(lambda: state_of(process.pid) in "SZ", "it waits again", TIMEOUT_SECONDS)
    return seen


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split(") ")[1][0]


def listen_of(seen):
    return ("127.0.0.1", int(re.search(rb"gateway is ready at http://localhost:([0-9]+)", seen)[1]))


def open_gate(tree):
    (tree / "gate").write_text("", encoding="ascii")


def test_a_pipe_gets_a_line_for_each_step_and_no_probe(tree, engine):
    with start(tree, engine, {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}, MAYFLY_LOG="json") as process:
        seen = process.stdout.readline()
        assert re.match(rb"host: .*, used as it is: it has every package\n$", seen)
        seen += process.stdout.readline()
        assert b"\n[1/5] Debian packages are there" in seen
        assert process.stdout.readline() == b"[2/5] building mayfly ...\n"  # and it is not built yet
        open_gate(tree)
        while b"Ctrl-C" not in seen:
            seen += process.stdout.readline()
        process.send_signal(signal.SIGINT)
        seen += process.stdout.read()
        assert process.wait(TIMEOUT_SECONDS) == 0
    text = seen.decode()
    assert re.findall(r"^\[\d/5\] .*?(?= \.\.\.$|  )", text, re.MULTILINE) == [
        "[1/5] Debian packages are there", "[2/5] built mayfly", "[3/5] looking for a Docker engine",
        "[3/5] engine answers", "[4/5] runner images are there", "[5/5] starting the gateway",
        f"[5/5] gateway is ready at {re.search(r'http://localhost:[0-9]+', text)[0]}"]
    assert "request_ended" not in text and "\r" not in text
    assert not engine.managed()


def test_a_terminal_sees_for_how_long(tree, engine):
    ours, theirs = pty.openpty()
    with start(tree, engine, {"stdout": theirs, "stderr": theirs}, TERM="xterm") as process:
        os.close(theirs)
        seen = b""
        while b"\r\x1b[K[2/5] building mayfly 1 s" not in seen:
            seen += os.read(ours, 4096)
        open_gate(tree)
        while b"Ctrl-C" not in seen:
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_SECONDS) == 0
    os.close(ours)
    assert re.search(rb" s\r\x1b\[K\[2/5\] built mayfly  +[0-9.]+ s\r\n", seen), seen
    assert b"[5/5] starting" not in seen


def test_a_build_that_fails_is_shown(tree, engine):
    (tree / "Makefile").write_text("build/release/mayfly: .made ; @true\n.made: ; @echo broken; false\n", encoding="ascii")
    with start(tree, engine, {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}) as process:
        seen = process.stdout.read().decode()
        assert process.wait(TIMEOUT_SECONDS) == 1
    assert "Mayfly could not be built; the end of the log:\nbroken\n" in seen


def test_a_wrong_setting_is_told_before_anything_is_started(tree, engine):
    with start(tree, engine, {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}, MAYFLY_PIDS="many") as process:
        open_gate(tree)
        seen = process.stdout.read().decode()
        assert process.wait(TIMEOUT_SECONDS) == 2
    assert 'mayfly: MAYFLY_PIDS is "many": must be' in seen and "[3/5]" not in seen


def test_the_lines_to_copy_have_address_and_key_where_they_are_asked_for(tree, engine):
    keys = {"keys": [{"name": "one", "sha256": hashlib.sha256(b"mf_ours").hexdigest()}]}
    (tree / "keys.json").write_text(json.dumps(keys), encoding="ascii")
    for folder in tree.parents:
        if folder.stat().st_uid == os.getuid() and folder != folder.parent:
            os.chmod(folder, folder.stat().st_mode | 0o011)
    with start(tree, engine, {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL},
               MAYFLY_KEYS_FILE=str(tree / "keys.json")) as process:
        open_gate(tree)
        seen = b""
        while b"Ctrl-C" not in seen:
            seen += process.stdout.readline()
        lines = re.findall(r"^  ((?:curl|echo) .*)$", seen.decode(), re.MULTILINE)
        answers, runs = [[subprocess.run(["bash", "-c", line], env=cli.environment(KEY=key), capture_output=True,
                                         cwd=tree, timeout=TIMEOUT_SECONDS, check=False)
                          for key in ("mf_ours", "mf_other")] for line in lines]
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(TIMEOUT_SECONDS) == 0
    assert [json.loads(answer.stdout)["status"] for answer in answers] == ["success", 401]
    assert [run.returncode for run in runs] == [0, 125] and b"401" in runs[1].stderr and b"--key-file" in runs[1].stderr, runs


def test_a_second_signal_does_not_wait_for_the_runs(tree, engine):
    with start(tree, engine, PIPE, MAYFLY_LOG="text") as process:
        open_gate(tree)
        seen = read_until(process, b"Ctrl-C ends it.\n")
        with EventStream(Client(listen_of(seen)).post(gated("never"), headers=[EVENTS])) as events:
            events.until("started")
            seen = interrupt(process, DRAINING)
            assert b"ending; waiting for the runs\n" in seen
            seen = interrupt(process, b"ending at once\n")
            result = events.until("result")[-1].data
            seen = read_until(process, None, seen)
        assert process.wait(TIMEOUT_SECONDS) == 0
    assert result["status"] == "failed"
    assert result["execution_time"] > 0
    assert b"killed" not in seen and b"by itself" not in seen
    assert not engine.managed()


def test_a_third_signal_kills_all_of_it(tree, engine):
    with start(tree, engine, PIPE, MAYFLY_LOG="text") as process:
        open_gate(tree)
        read_until(process, b"Ctrl-C ends it.\n")
        engine.script("delete", hang(), count=FOREVER)  # so that the gateway takes its time
        for text in (DRAINING, b"ending at once\n", b"killed"):
            seen = interrupt(process, text)
        seen = read_until(process, None, seen)  # nobody is left who could write
        assert process.wait(TIMEOUT_SECONDS) == 128 + signal.SIGKILL
    assert seen.partition(b"killed")[2].count(b"\n") == 1, seen
    engine.wait(lambda: not engine.managed("running"), "every init has seen its stdin close")
    engine.containers.clear()


def test_a_signal_to_makes_group_is_one(tree, engine):
    """Make has it too, and sends it on: here when the first has been taken, since bash forgets one that comes earlier."""
    with open(tree / "Makefile", "a", encoding="ascii") as makefile:
        makefile.write("run: ; @exec deploy/run.sh\n")
    with start(tree, engine, {**PIPE, "start_new_session": True}, command=["make", "-C", tree, "run"],
               MAYFLY_LOG="text") as process:
        open_gate(tree)
        seen = read_until(process, b"Ctrl-C ends it.\n")
        with Client(listen_of(seen)).post(gated("goes on")) as client:
            running(engine, 1)
            process.send_signal(signal.SIGSTOP)
            os.killpg(process.pid, signal.SIGTERM)
            seen = read_until(process, b"ending; waiting for the runs\n")
            process.send_signal(signal.SIGCONT)
            until(lambda: state_of(process.pid) == "S", "make has sent it on", TIMEOUT_SECONDS)
            seen = read_until(process, DRAINING, seen)
            engine.open("goes on")
            answer = client.receive()
        seen = read_until(process, None, seen)
        process.wait(TIMEOUT_SECONDS)
    assert (answer.status, answer.json()["status"]) == (200, "success")
    assert b"ending at once" not in seen, seen
    assert not engine.managed()


def test_a_second_sigterm_that_is_meant_does_not_wait_for_the_runs(tree, engine):
    with start(tree, engine, PIPE, MAYFLY_LOG="text") as process:
        open_gate(tree)
        seen = read_until(process, b"Ctrl-C ends it.\n")
        with Client(listen_of(seen)).post(gated("never")) as client:
            running(engine, 1)
            interrupt(process, DRAINING, signal.SIGTERM)
            time.sleep(2.2)  # so much later it is another one
            interrupt(process, b"ending at once\n", signal.SIGTERM)
            assert client.receive().json()["status"] == "failed"
            read_until(process, None)
        assert process.wait(TIMEOUT_SECONDS) == 0


def test_a_wrong_keys_file_is_told_before_anything_is_started(tree, engine):
    (tree / "keys.json").write_text('{"keys": []}', encoding="ascii")
    with start(tree, engine, PIPE, MAYFLY_KEYS_FILE=str(tree / "keys.json")) as process:
        open_gate(tree)
        seen = read_until(process, None).decode()
        assert process.wait(TIMEOUT_SECONDS) == 2
    assert "mayfly: MAYFLY_KEYS_FILE: " in seen and "[2/5] built mayfly" in seen and "[3/5]" not in seen


@pytest.mark.parametrize("settings, built", [
    ({"MAYFLY_RUNTIMES": ""}, [f"bookworm {' '.join(shipped.NAMES)}"]),
    ({"MAYFLY_RUNTIMES": "", "MAYFLY_BASE_SUITE": "trixie"}, [f"trixie {' '.join(shipped.NAMES)}"]),
    ({"MAYFLY_RUNTIMES": "python=mayfly-python:latest=1"}, ["bookworm python"]),
    ({"MAYFLY_RUNTIMES": "python=mayfly-python:latest,python3.13=mayfly-python:3.13=2"}, ["bookworm python", "trixie python"]),
    ({"MAYFLY_RUNTIMES": "a=mayfly-python-data:3.13,b=mayfly-python-data:latest"},
     ["bookworm python python-data", "trixie python-data"]),
    ({"MAYFLY_RUNTIMES": "mine=mine", "MAYFLY_BASE": "base", "MAYFLY_IMAGE": "mine"}, ["bookworm python base mine"]),
    ({"MAYFLY_RUNTIMES": "mine=mine,b=mayfly-python:3.13", "MAYFLY_BASE": "base"}, ["bookworm python base", "trixie python"]),
])
def test_make_run_builds_what_the_runtimes_name(tree, engine, settings, built):
    """Its build of images ends it: nothing behind that is looked at here."""
    script = tree / "runner-image/build.sh"
    script.write_text('#!/bin/sh\necho "$MAYFLY_BASE_SUITE" "$@" $MAYFLY_BASE $MAYFLY_IMAGE >>built\n', encoding="ascii")
    (tree / "build/release/mayfly").unlink()
    (tree / "build/release/mayfly").write_text('#!/bin/sh\n[ "$2" = --print-config ]\n', encoding="ascii")
    (tree / "build/release/mayfly").chmod(0o755)
    env = cli.environment(DOCKER_HOST=f"unix://{engine.path}", MAYFLY_LISTEN=f"127.0.0.1:{free_port()}", **settings)
    with subprocess.Popen([tree / "deploy/run.sh"], env=env, **PIPE) as process:
        open_gate(tree)
        seen = read_until(process, None)
        process.wait(TIMEOUT_SECONDS)
    assert b"[4/5] runner images are there" in seen, seen
    lines = (tree / "built").read_text(encoding="ascii").splitlines()
    assert [line.replace(" ", "bookworm ", 1) if line.startswith(" ") else line for line in lines] == built


@pytest.fixture
def state():
    """A folder whose name is short: there are sockets below."""
    with tempfile.TemporaryDirectory(prefix="mayfly-state-") as folder:
        yield Path(folder)


@pytest.mark.parametrize("images, runtimes", [
    ((), None),
    (("mayfly-python:latest",), None),
    ([f"{image}:latest" for image in shipped.IMAGES], shipped.setting()),
])
def test_the_engines_env_names_the_runtimes_whose_images_are_there(state, engine, images, runtimes):
    socket = state / "engine/run/docker.sock"
    socket.parent.mkdir(parents=True)
    socket.symlink_to(engine.path)
    engine.images.clear()
    for image in images:
        engine.add_image(image)

    def lines(**settings):
        return subprocess.run([ROOT / "deploy/engine.sh", "env"], env=cli.environment(MAYFLY_STATE=str(state), **settings),
                              capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=True).stdout.splitlines()
    host = f"export DOCKER_HOST=unix://{socket}"
    assert lines() == [host] + ([f"export MAYFLY_RUNTIMES={runtimes}"] if runtimes else [])
    assert lines(MAYFLY_RUNTIMES="mine=mine") == [host]


def test_a_step_whose_output_is_taken_ends():
    """On a terminal something draws for how long it has lasted: it must not hold what is read to its end."""
    script = '. deploy/lib.sh; taken=$(tick "a step"; sleep 1.2; echo done); echo "taken: $taken"'
    terminal, theirs = pty.openpty()
    try:
        said = subprocess.run(["bash", "-c", script], cwd=ROOT, env=os.environ | {"TERM": "xterm"}, stdout=subprocess.PIPE,
                              stderr=theirs, timeout=TIMEOUT_SECONDS, check=True).stdout
        assert said == b"taken: done\n" and b"a step 1 s" in os.read(terminal, 4096)
    finally:
        os.close(terminal)
        os.close(theirs)
