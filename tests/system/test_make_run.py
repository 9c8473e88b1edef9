"""What `make run` says and does, with the gateway itself, a fake engine, and nothing to install or build."""

import hashlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess

import pytest

import cli
from gateway import BINARY, ROOT, free_port

TIMEOUT_SECONDS = 60


@pytest.fixture
def tree(tmp_path):
    """A checkout in which setup and images are there, and the build waits until somebody writes to `gate`."""
    os.chmod(tmp_path, 0o755)
    for folder in ("deploy", "runner-image", "build/release"):
        (tmp_path / folder).mkdir(parents=True)
    for script in ("run.sh", "lib.sh"):
        shutil.copy(ROOT / "deploy" / script, tmp_path / "deploy")
    for stub in ("deploy/setup.sh", "runner-image/build.sh"):
        (tmp_path / stub).write_text("#!/bin/sh\n", encoding="ascii")
        (tmp_path / stub).chmod(0o755)
    os.mkfifo(tmp_path / "gate")
    (tmp_path / "build/release/mayfly").symlink_to(BINARY)
    (tmp_path / "Makefile").write_text(".PHONY: build/release/mayfly\nbuild/release/mayfly: ; cat gate\n", encoding="ascii")
    return tmp_path


def start(tree, engine, streams, **settings):
    port = free_port()
    env = cli.environment(DOCKER_HOST=f"unix://{engine.path}", MAYFLY_LISTEN=f"127.0.0.1:{port}", MAYFLY_WARM="1",
                          MAYFLY_RUNTIMES="python=mayfly-python:latest", **settings)
    return subprocess.Popen([tree / "deploy/run.sh"], env=env, **streams)


def open_gate(tree):
    (tree / "gate").write_text("", encoding="ascii")


def test_a_pipe_gets_a_line_for_each_step_and_no_probe(tree, engine):
    with start(tree, engine, {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}, MAYFLY_LOG="json") as process:
        seen = process.stdout.readline()
        assert seen.startswith(b"[1/5] Debian packages are there")
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


def test_the_line_to_copy_has_the_key_where_one_is_asked_for(tree, engine):
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
        line = re.search(r"^  (curl .*)$", seen.decode(), re.MULTILINE)[1]
        answers = [subprocess.run(["bash", "-c", line], env=cli.environment(MAYFLY_KEY=key), capture_output=True,
                                  timeout=TIMEOUT_SECONDS, check=True).stdout for key in ("mf_ours", "mf_other")]
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert process.wait(TIMEOUT_SECONDS) == 0
    assert [json.loads(answer)["status"] for answer in answers] == ["success", 401]
