"""`mayfly session` with sessions that answer by a script: the requests of each command, and its reaction to each
answer."""

import contextlib
import json
import os
import re
import signal
import subprocess

import pytest

import cli
import scripted
from gateway import BINARY
from scripted import Scripted, head
from session_door import Sessions, until_interrupted

NEW = "0000000000000000"


def start(gateway, *words, **options):
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([BINARY, "session", *map(str, words)], **streams | options,
                            env=cli.environment(MAYFLY_URL=gateway.url))


def session(gateway, *words, input=None, **options):
    """(exit code, stdout, stderr)"""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with start(gateway, *words, **options) as process:
        out, err = process.communicate(input, 60)
    return process.returncode, out, err.decode()


@pytest.fixture
def gateway():
    with Sessions() as sessions:
        assert session(sessions, "new") == (0, f"{NEW}\n".encode(), "")
        yield sessions


# ---- new, list, rm ----

def test_new_sends_what_it_was_told(tmp_path):
    (tmp_path / "in.csv").write_bytes(b"\xff")
    (tmp_path / "key").write_text("k1\n")
    with Sessions() as gateway:
        assert session(gateway, "new", "--id", "a.b", "--runtime", "python-data", "--memory", "1GiB", "--cpus", "2", "--pids", "9",
                       "--env", "A=b", "--file", "in.csv=d/x", "--idle-timeout", "0.5", "--max-lifetime", "86400",
                       "--key-file", "key", cwd=tmp_path) == (0, b"a.b\n", "")
        assert session(gateway, "new", "--json")[1].startswith(b'{"id": "0000000000000001", "state": "idle"')
    (method, path, headers, body), other = gateway.requests
    assert (method, path, headers["Content-Type"]) == ("POST", "/api/v1/sessions", "application/json")
    assert headers["Authorization"] == "Bearer k1"
    assert json.loads(body) == {
        "id": "a.b", "runtime": "python-data", "env": {"A": "b"}, "limits": {"memory_bytes": 1 << 30, "cpus": 2, "pids": 9},
        "files": [{"path": "d/x", "content": "/w==", "encoding": "base64"}], "idle_timeout": 0.5, "max_lifetime": 86400}
    assert json.loads(other[3]) == {}


def test_the_list_has_a_line_for_each(gateway):
    session(gateway, "new", "--id", "b")
    gateway.sessions["b"].running = "1"
    code, out, err = session(gateway, "list")
    assert (code, err) == (0, "")
    assert [line.split() for line in out.decode().splitlines()] == [
        ["ID", "STATE", "RUNTIME", "CELLS", "GENERATION", "ENDS"],
        [NEW, "idle", "python", "0", "1", "2026-11-30T22:04:24.123Z"], ["b", "busy", "python", "0", "1", "2026-11-30T22:04:24.123Z"]]
    assert [one["id"] for one in json.loads(session(gateway, "list", "--json")[1])["sessions"]] == [NEW, "b"]


def test_rm_ends_each(gateway):
    session(gateway, "new", "--id", "b")
    assert session(gateway, "rm", NEW, "never", "b") == (
        125, b"", "mayfly: the gateway answered 404 session_unknown: There is no such session.\n")
    assert gateway.ended == {NEW: "deleted", "b": "deleted"}
    assert session(gateway, "rm", NEW) == (0, b"", "")


def test_a_limit_is_not_waited_for(gateway):
    gateway.refuse("POST", "/sessions", 429, "session_limit", "This key has its 2 sessions.")
    assert session(gateway, "new") == (
        125, b"", "mayfly: the gateway answered 429 session_limit: This key has its 2 sessions.\n")


def test_a_busy_gateway_is_asked_again(gateway):
    gateway.refuse("POST", "/sessions", 503, "busy", "Full.", [("retry-after", "0")])
    gateway.refuse("POST", "/sessions", 429, "rate_limit", "Slower.", [("retry-after", "0")])
    assert session(gateway, "new")[0] == 0 and len(gateway.requests) == 4
    gateway.refuse("POST", "/sessions", 503, "busy", "Full.", [("retry-after", "9")])
    assert session(gateway, "new", "--wait", "2") == (125, b"", "mayfly: the gateway answered 503 busy: Full.\n")


def test_a_gateway_that_does_not_answer_is_left():
    with Scripted(scripted.until_hung_up) as gateway:
        assert session(gateway, "rm", "a", "--wait", "0.2") == (125, b"", "mayfly: the gateway did not answer in time\n")


@pytest.mark.parametrize("said, text", [
    (head(201, "application/json") + b"no JSON", "the gateway's answer is not JSON"),
    (head(201, "application/json") + b"[]", 'the gateway sent a session without a valid "id"'),
    (head(201, "application/json") + b'{"id":"\\u001b[2J"}', 'the gateway sent a session without a valid "id"'),
    (head(404, "text/html") + b"<html>", "the gateway answered 404"),
    (b"", "Empty reply from server"),
])
def test_an_answer_of_something_else(said, text):
    with Scripted(said) as gateway:
        code, out, err = session(gateway, "new")
    assert (code, out) == (125, b"") and err == f"mayfly: {text}\n" or err.startswith(f"mayfly: {text}")


# ---- run ----

def test_cells_find_what_the_earlier_ones_have_left(gateway, tmp_path):
    (tmp_path / "a.py").write_text("x = 20\nprint('set')\n")
    assert session(gateway, "run", NEW, "a.py", cwd=tmp_path) == (0, b"set\n", "")
    assert session(gateway, "run", NEW, "-", input=b"x + 1") == (0, b"21\n", "")
    code, out, err = session(gateway, "run", NEW, "-", input=b"x / 0")
    assert (code, out) == (1, b"") and "ZeroDivisionError" in err
    assert json.loads(session(gateway, "run", NEW, "-", "--json", input=b"1")[1])["session"]["generation"] == 1


def test_run_sends_what_it_was_told(gateway, tmp_path):
    (tmp_path / "in").write_text("1")
    session(gateway, "run", NEW, "-", "--timeout", "2.5", "--cpu-time", "1", "--max-output", "1KiB", "--merged", "--stdin", "in",
            "--file", "in=d/in", "--output", "*.csv", cwd=tmp_path, input=b"1")
    assert json.loads(gateway.requests[-1][3]) == {
        "code": "1", "stdin": "1", "timeout": 2.5, "limits": {"cpu_time": 1, "output_bytes": 1024}, "output": "merged",
        "outputs": ["*.csv"], "output_encoding": "base64", "files": [{"path": "d/in", "content": "1", "encoding": "utf-8"}]}


def test_a_busy_session_is_waited_for(gateway):
    gateway.refuse("POST", "/executions", 409, "session_busy", "A cell runs.", [("retry-after", "0")], running="1")
    code, out, err = session(gateway, "run", NEW, "-", input=b"1")
    assert (code, out) == (0, b"1\n") and err == "mayfly: the gateway is busy: A cell runs.; retrying for up to 60 seconds\n"
    gateway.refuse("POST", "/executions", 409, "session_busy", "A cell runs.", [("retry-after", "9")], running="1")
    code, out, _ = session(gateway, "run", NEW, "-", "--wait", "1", input=b"1")
    assert (code, out) == (0, b"1\n"), "it is asked again before the time is over"
    for _ in range(20):
        gateway.refuse("POST", "/executions", 409, "session_busy", "A cell runs.", [("retry-after", "9")], running="1")
    code, out, err = session(gateway, "run", NEW, "-", "--wait", "1", input=b"1")
    assert (code, out) == (125, b"") and err.endswith("\nmayfly: the gateway answered 409 session_busy: A cell runs.\n")


@pytest.mark.parametrize("reason", ["idle_timeout", "max_lifetime", "memory_limit", "crashed", "engine_lost", "gateway_restart"])
def test_the_reason_of_the_end_is_told(gateway, reason):
    gateway.end(NEW, reason)
    told = (125, b"", f"mayfly: the session has ended ({reason}): It is gone.\n")
    assert session(gateway, "run", NEW, "-", input=b"1") == told == session(gateway, "files", "list", NEW)


def test_a_session_that_never_was(gateway):
    told = (125, b"", "mayfly: the gateway answered 404 session_unknown: There is no such session.\n")
    assert session(gateway, "run", "never", "-", input=b"1") == told == session(gateway, "files", "rm", "never", "a")


def test_lost_state_is_told_in_a_line():
    def lost(one, code, gateway):
        del code, gateway
        yield scripted.event("result", scripted.answer(status="timeout", return_code=None, message="Timed out",
                                                       session=one.after(state_lost=True, generation=4, dropped_bytes=5)))
    with Sessions(lost) as gateway:
        session(gateway, "new")
        assert session(gateway, "run", NEW, "-", input=b"1") == (
            124, b"", "mayfly: Timed out\n"
            "mayfly: the session has lost its state: a new interpreter was started (generation 4); files remain\n"
            "mayfly: 5 bytes that were written while no cell ran were dropped\n")


@pytest.mark.parametrize("member", [7, {}, {"state_lost": 1}, {"state_lost": False, "generation": 1, "dropped_bytes": None}])
def test_a_session_that_is_none(member):
    def bad(one, code, gateway):
        del one, code, gateway
        yield scripted.event("result", scripted.answer(session=member))
    with Sessions(bad) as gateway:
        session(gateway, "new")
        assert session(gateway, "run", NEW, "-", input=b"1") == (
            125, b"", "mayfly: the gateway's answer describes its session wrongly\n")


@contextlib.contextmanager
def waiting_cell(gateway):
    """The process of a cell that waits, in a new session."""
    session(gateway, "new")
    with start(gateway, "run", NEW, "-", stdin=subprocess.PIPE) as process:
        process.stdin.write(b"wait()")
        process.stdin.close()
        yield process


def test_an_interrupt_interrupts_the_cell():
    with Sessions(until_interrupted) as gateway:
        with waiting_cell(gateway) as process:
            assert gateway.waiting.wait(20)
            process.send_signal(signal.SIGINT)
            assert (process.wait(60), process.stdout.read(), process.stderr.read()) == (130, b"waiting\n", b"KeyboardInterrupt\n")
    assert gateway.requests[-1][:2] == ("DELETE", f"/api/v1/sessions/{NEW}/executions/0000000000000001")


@pytest.mark.parametrize("status", [404, 409])
def test_a_cell_that_has_just_ended_needs_no_interrupt(status):
    with Sessions(until_interrupted) as gateway:
        with waiting_cell(gateway) as process:
            gateway.refuse("DELETE", "0001", status, "not_running", "It has ended.")
            assert gateway.waiting.wait(20)
            process.send_signal(signal.SIGINT)
            while gateway.refusals:
                assert process.poll() is None
            gateway.sessions[NEW].interrupted.set()
            assert (process.wait(60), process.stderr.read()) == (130, b"KeyboardInterrupt\n")


def test_other_signals_hang_up():
    with Sessions(until_interrupted) as gateway:
        with waiting_cell(gateway) as process:
            assert gateway.waiting.wait(20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 143
        gateway.sessions[NEW].interrupted.set()
    assert [request[0] for request in gateway.requests] == ["POST", "POST"]


# ---- files ----

def test_files_there_and_back(gateway, tmp_path):
    content = bytes(range(256)) * 5000
    (tmp_path / "a b.bin").write_bytes(content)
    assert session(gateway, "files", "put", NEW, "a b.bin", cwd=tmp_path) == (0, b"", "")
    assert session(gateway, "files", "put", NEW, tmp_path / "a b.bin", "d/ä%2f?#.bin") == (0, b"", "")
    assert session(gateway, "files", "put", NEW, "-", "empty", input=b"") == (0, b"", "")
    assert gateway.sessions[NEW].files == {"a b.bin": content, "d/ä%2f?#.bin": content, "empty": b""}
    assert gateway.requests[-2][2]["Content-Type"] == "application/octet-stream"
    assert session(gateway, "files", "list", NEW) == (
        0, "     1280000  a b.bin\n     1280000  d/ä%2f?#.bin\n           0  empty\n".encode(), "")
    assert session(gateway, "files", "list", NEW, "*.bin")[1].count(b"\n") == 2
    assert len(json.loads(session(gateway, "files", "list", NEW, "--json", "e*")[1])["files"]) == 1
    assert session(gateway, "files", "get", NEW, "a b.bin", "-") == (0, content, "")
    assert session(gateway, "files", "get", NEW, "d/ä%2f?#.bin", cwd=tmp_path) == (0, b"", "")
    assert (tmp_path / "ä%2f?#.bin").read_bytes() == content
    (tmp_path / "old").write_text("old")
    assert session(gateway, "files", "get", NEW, "empty", "old", cwd=tmp_path) == (0, b"", "")
    assert (tmp_path / "old").read_bytes() == b""
    assert session(gateway, "files", "get", NEW, "a b.bin", tmp_path / "there") == (0, b"", "")
    assert (tmp_path / "there").read_bytes() == content
    assert session(gateway, "files", "rm", NEW, "a b.bin", "none", "empty") == (
        125, b"", "mayfly: the gateway answered 404 file_not_found: There is no such file.\n")
    assert list(gateway.sessions[NEW].files) == ["d/ä%2f?#.bin"]


def test_a_file_that_is_not_there_changes_nothing_here(gateway, tmp_path):
    (tmp_path / "a").write_text("mine")
    assert session(gateway, "files", "get", NEW, "a", cwd=tmp_path)[0] == 125
    assert (tmp_path / "a").read_text() == "mine" and os.listdir(tmp_path) == ["a"]


def test_paths_that_lead_elsewhere_are_not_sent(gateway, tmp_path):
    sent = len(gateway.requests)
    for words, text in [
        (("get", NEW, "../x"), 'mayfly: "../x": the path'), (("get", NEW, "/x"), 'mayfly: "/x": the path must be relative'),
        (("put", NEW, "x", "a/../b"), 'mayfly: "a/../b": the path'), (("rm", NEW, "a//b"), 'mayfly: "a//b": the path'),
        (("put", NEW, "-"), "mayfly: PATH is missing: standard input has no name"),
        (("put", NEW, "none"), "mayfly: none cannot be read: No such file or directory"),
        (("put", NEW, tmp_path), f"mayfly: {tmp_path} cannot be read: Is a directory"),
    ]:
        code, out, err = session(gateway, "files", *words)
        assert (code, out) == (125, b"") and err.startswith(text), (words, err)
    assert len(gateway.requests) == sent


def test_a_place_that_cannot_be_written_to_is_told(gateway, tmp_path):
    gateway.sessions[NEW].files["a"] = b"x"
    for local, text in [("none/x", "none/ cannot be written to: No such file"), (str(tmp_path), "it cannot be written")]:
        code, _, err = session(gateway, "files", "get", NEW, "a", local, cwd=tmp_path)
        assert code == 125 and text in err, err
    with open("/dev/full", "wb") as full:
        assert session(gateway, "files", "get", NEW, "a", "-", stdout=full)[0] == 125
        assert session(gateway, "list", stdout=full)[0] == 125


# ---- the command line ----

@pytest.mark.parametrize("line, text", [
    ("", "session: COMMAND is missing; see mayfly session --help"),
    ("nwe", 'session: there is no command "nwe"; see mayfly session --help'),
    ("files", 'session: there is no command "files"; see mayfly session --help'),
    ("new x", 'session new: unexpected argument "x"; see mayfly session new --help'),
    ("new --id a/b", 'session new: "a/b" is no session\'s id: at most 64 letters, digits and . _ -, and the first one is a '
                     "letter or a digit"),
    ("new --timeout 3", "session new: unknown option --timeout; see mayfly session new --help"),
    ("new --idle-timeout x", 'session new: --idle-timeout is "x": must be a number of seconds up to 86400'),
    ("run a", "session run: FILE is missing; see mayfly session run --help"),
    ("run", "session run: ID is missing; see mayfly session run --help"),
    ("run a b --memory 9", "session run: unknown option --memory; see mayfly session run --help"),
    ("run a - --stdin -", "session run: standard input cannot be both the program and its stdin"),
    ("rm", "session rm: ID is missing; see mayfly session rm --help"),
    ("rm a .", 'session rm: "." is no session\'s id: at most 64 letters, digits and . _ -, and the first one is a letter or a '
               "digit"),
    ("files get a", "session files get: PATH is missing; see mayfly session files get --help"),
    ("files get a b c d", 'session files get: unexpected argument "d"; see mayfly session files get --help'),
    ("files put a", "session files put: LOCAL is missing; see mayfly session files put --help"),
    ("files rm a", "session files rm: PATH is missing; see mayfly session files rm --help"),
])
def test_a_wrong_command_line_sends_nothing(line, text):
    with Sessions() as gateway:
        assert session(gateway, *line.split()) == (125, b"", f"mayfly: {text}\n")
    assert gateway.requests == []


COMMANDS = ["session", "session new", "session list", "session run", "session rm", "session files list", "session files get",
            "session files put", "session files rm", "repl"]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_fits_a_screen(command):
    done = subprocess.run([BINARY, *command.split(), "--help"], capture_output=True, text=True, timeout=60, check=True,
                          env=cli.environment())
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"Usage: mayfly {command} ") and len(lines) <= 24 and max(map(len, lines)) <= 80
    texts = {line.find(word) for line in lines for word in re.findall(r"^  -\S+ +(?:[A-Z]\S* +)?([a-z].*)", line)}
    assert len(texts) <= 1, "the texts of the options are in one column"
