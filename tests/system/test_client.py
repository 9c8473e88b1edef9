"""`mayfly run` with gateways that answer by a script: its requests, and its reaction to each answer."""

import fcntl
import json
import os
import pty
import re
import signal
import socket
import struct
import subprocess
import termios
import threading

import pytest

import cli
from gateway import BINARY, ROOT
from scripted import ANSWER, Scripted, answer, encoded, event, head, output, problem, started, stream, until_hung_up

SUCCESS = event("result", ANSWER)


@pytest.fixture
def program(tmp_path):
    path = tmp_path / "main.py"
    path.write_text("print('hi')\n", encoding="utf-8")
    return path


def ended(said, program, *words, **options):
    """(exit code, stdout, stderr) in front of a gateway that answers so."""
    with Scripted(said) as gateway:
        return cli.run(gateway.url, program, *words, **options)


def result(**members):
    return stream(event("result", answer(**members)))


# ---- what is sent ----

def test_the_least_is_sent(program):
    with Scripted(stream(SUCCESS)) as gateway:
        assert cli.run(gateway.url, program) == (0, b"", "")
    (headers, body), = gateway.requests
    assert headers["line"] == "POST /api/v1/execute HTTP/1.1"
    assert headers["accept"] == "text/event-stream" and headers["content-type"] == "application/json"
    assert "authorization" not in headers and "expect" not in headers
    assert body == {"code": "print('hi')\n", "output_encoding": "base64"}


def test_everything_is_sent(program, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.csv").write_text("a;ä\n", encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(b"\xff\0")
    (tmp_path / "key").write_text("mf_secret\n", encoding="ascii")
    with Scripted(stream(SUCCESS)) as gateway:
        words = ("-", "--url", gateway.url + "/below/", "--key-file", "key", "--timeout", "2.5", "--runtime",
                 "python-data", "--memory", "1GiB", "--cpus", "0.5", "--pids", "9", "--max-output", "64KiB", "--env", "A=1",
                 "--env", "LANG", "--stdin", "in/a.csv", "--file", "in/a.csv", "--file", f"{tmp_path}/b.bin=data/b",
                 "--output", "*.csv", "--output", "out/**", "--", "-x", "y z")
        assert cli.run("http://127.0.0.1:1", *words, input="print('ä')".encode(), cwd=tmp_path,
                       settings={"LANG": "C.UTF-8"}) == (0, b"", "")
    (headers, body), = gateway.requests
    assert headers["line"] == "POST /below/api/v1/execute HTTP/1.1"
    assert headers["authorization"] == "bearer mf_secret"
    assert body == {
        "code": "print('ä')", "stdin": "a;ä\n", "runtime": "python-data", "timeout": 2.5, "args": ["-x", "y z"],
        "env": {"A": "1", "LANG": "C.UTF-8"},
        "limits": {"memory_bytes": 1 << 30, "cpus": 0.5, "pids": 9, "output_bytes": 65536},
        "outputs": ["*.csv", "out/**"], "output_encoding": "base64",
        "files": [{"path": "in/a.csv", "content": "a;ä\n", "encoding": "utf-8"},
                  {"path": "data/b", "content": "/wA=", "encoding": "base64"}]}


def test_stdin_and_the_key_file_of_the_environment(program, tmp_path):
    (tmp_path / "key").write_text("k", encoding="ascii")
    with Scripted(stream(SUCCESS)) as gateway:
        assert cli.run(gateway.url, program, "--stdin", "-", input=b"line\n",
                       settings={"MAYFLY_KEY_FILE": f"{tmp_path}/key"}) == (0, b"", "")
    (headers, body), = gateway.requests
    assert body["stdin"] == "line\n" and headers["authorization"] == "bearer k"


def test_the_gateway_of_this_machine_is_found_where_it_listens(program):
    with Scripted(stream(SUCCESS)) as gateway:
        assert cli.run("", program, settings={"MAYFLY_LISTEN": f"0.0.0.0:{gateway.port}"}) == (0, b"", "")
    assert len(gateway.requests) == 1
    assert cli.run("", program, settings={"MAYFLY_LISTEN": "8000"}) == (
        125, b"", 'mayfly: MAYFLY_LISTEN is "8000": must be address:port\n')


def test_a_proxy_of_the_environment_is_used(program):
    with Scripted(stream(SUCCESS)) as proxy:
        assert cli.run("http://gateway.invalid/below", program, settings={"http_proxy": proxy.url}) == (0, b"", "")
    (headers, _), = proxy.requests
    assert headers["line"] == "POST http://gateway.invalid/below/api/v1/execute HTTP/1.1"


def test_a_command_line_that_makes_no_sense_sends_nothing(program, tmp_path):
    (tmp_path / "keys").write_text("one\ntwo\n", encoding="ascii")
    with Scripted() as gateway:
        for words, text in [
            ((), "run: FILE is missing"), (("--timeout", "x", program), "run: --timeout is"),
            ((program, "again"), 'run: "again" is a second FILE'), ((program, "--foo"), "run: unknown option --foo"),
            ((program, "--timeout"), "run: --timeout needs a value"), ((program, "--memory", "9M"), "run: --memory is"),
            ((tmp_path / "none.py",), "cannot be read"), ((program, "--file", "/etc/passwd"), "=NAME"),
            ((program, "--key-file", tmp_path / "keys"), "must contain one key"),
            ((program, "-o", tmp_path / "a/b"), "cannot be created"),
            ((program, "--url", "http://u:secret@host"), "without user"),
        ]:
            code, out, err = cli.run(gateway.url, *words)
            assert (code, out) == (125, b"") and text in err and err.startswith("mayfly: "), (words, err)
            assert "secret" not in err
    assert gateway.requests == []


# ---- what comes back ----

@pytest.mark.parametrize("members, code, text", [
    ({}, 0, ""),
    ({"status": "error", "return_code": 1}, 1, ""),
    ({"status": "error", "return_code": 124}, 124, ""),
    ({"status": "error", "return_code": -11, "signal": "SIGSEGV"}, 139, "mayfly: the program was killed by SIGSEGV\n"),
    ({"status": "timeout", "return_code": None, "reason": "timeout", "message": "Execution timed out after 5 seconds"},
     124, "mayfly: Execution timed out after 5 seconds\n"),
    ({"status": "failed", "return_code": None, "reason": "sandbox", "message": "The box died"}, 125,
     "mayfly: The box died\n"),
    ({"stdout_truncated": True, "stdout_bytes": 5000, "reason": "output_limit", "message": "Output is cut"}, 125,
     "mayfly: stdout is cut: the program wrote 5000 bytes; a larger --max-output may keep more\n"),
    ({"status": "error", "return_code": 3, "stderr_truncated": True, "stderr_bytes": 5000, "reason": "output_limit"}, 3,
     "mayfly: stderr is cut: the program wrote 5000 bytes; a larger --max-output may keep more\n"),
])
def test_the_exit_code_is_the_programs(program, members, code, text):
    assert ended(result(**members), program) == (code, b"", text)


def test_bytes_come_through_exactly(program):
    data = bytes(range(256)) * 3000
    pieces = [output("stdout", data[at:at + 70001]) for at in range(0, len(data), 70001)]
    said = stream(*pieces, output("stderr", b"\xfe\r\n"), SUCCESS)
    with Scripted(said) as gateway, cli.start(gateway.url, program) as process:
        out, err = process.communicate(timeout=cli.TIMEOUT_SECONDS)
    assert process.returncode == 0 and out == data and err == b"\xfe\r\n"


def test_output_comes_while_the_program_runs(program):
    gate = threading.Event()

    def said(connection):
        connection.sendall(head() + started() + output("stdout", b"first") + output("stderr", b"second"))
        assert gate.wait(20)
        connection.sendall(b": ping\n\n" + output("stdout", b"third") + SUCCESS)

    with Scripted(said) as gateway, cli.start(gateway.url, program) as process:
        assert process.stdout.read(5) == b"first" and process.stderr.read(6) == b"second"
        gate.set()
        assert process.stdout.read() == b"third" and process.stderr.read() == b""
        assert process.wait(cli.TIMEOUT_SECONDS) == 0


def test_json_prints_the_answer_as_it_came(program):
    said = stream(event("stdout", "hi\n"), event("result", answer(stdout="hi\n", return_code=3, status="error")))
    with Scripted(said) as gateway:
        code, out, err = cli.run(gateway.url, program, "--json")
    assert (code, json.loads(out), err) == (3, answer(stdout="hi\n", return_code=3, status="error"), "")
    assert out.count(b"\n") == 1 and out.endswith(b"}\n")
    assert gateway.requests[0][1]["output_encoding"] == "utf-8"


def a_file(path, content=b"x", truncated=False):
    return event("file", {"path": path, "size_bytes": len(content), "media_type": "text/csv",
                          "content": encoded(content), "encoding": "base64", "truncated": truncated})


def a_display(content, media_type):
    return event("display", {"media_type": media_type, "content": encoded(content), "encoding": "base64"})


def test_files_and_plots_go_where_they_are_wanted(program, tmp_path):
    said = stream(a_file("a.csv", b"1\xff"), a_display(b"png", "image/png"), a_file("out/deep/b"),
                  a_display(b"<p>", "text/html"), SUCCESS)
    assert ended(said, program, "--output", "**", "-o", tmp_path / "into") == (0, b"", "")
    written = {str(p.relative_to(tmp_path / "into")): p.read_bytes()
               for p in (tmp_path / "into").rglob("*") if p.is_file()}
    assert written == {"a.csv": b"1\xff", "out/deep/b": b"x", "display-1.png": b"png", "display-2.html": b"<p>"}


def test_an_input_that_comes_back_as_it_was_is_no_output(program, tmp_path):
    (tmp_path / "in.csv").write_bytes(b"1\xff")
    said = stream(a_file("main.py", program.read_bytes()), a_file("in.csv", b"1\xff"), a_file("out.csv"), SUCCESS)
    before = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}
    assert ended(said, "main.py", "--file", "in.csv", "--output", "*", cwd=tmp_path) == (0, b"", "")
    assert {path.name: path.stat().st_ino for path in tmp_path.iterdir() if path.name != "out.csv"} == before
    assert (tmp_path / "out.csv").read_bytes() == b"x"
    # Nor is it worth a place elsewhere.
    assert ended(said, "main.py", "--file", "in.csv", "--output", "*", "-o", "into", cwd=tmp_path) == (0, b"", "")
    assert os.listdir(tmp_path / "into") == ["out.csv"]


def test_no_file_that_was_read_is_written_over(program, tmp_path):
    for name in ("in.csv", "stdin.txt", "key"):
        (tmp_path / name).write_text("mine", encoding="ascii")
    (tmp_path / "link").symlink_to("in.csv")
    words = ("main.py", "--file", "in.csv=data.csv", "--stdin", "stdin.txt", "--key-file", "key", "--output", "*")
    names = ("main.py", "in.csv", "stdin.txt", "key", "link")
    said = stream(*(a_file(name, b"theirs") for name in names), SUCCESS)
    before = {name: (tmp_path / name).read_bytes() for name in names}
    code, out, err = ended(said, *words, cwd=tmp_path)
    assert (code, out) == (125, b"")
    assert err == "".join(f"mayfly: {name}: not written: it would overwrite one of this run's own inputs "
                          "(program, key, --file, --stdin); use another -o DIR\n" for name in names)
    assert {name: (tmp_path / name).read_bytes() for name in names} == before and (tmp_path / "link").is_symlink()
    assert ended(said, *words, "-o", "into", cwd=tmp_path) == (0, b"", "")
    assert {path.name: path.read_bytes() for path in (tmp_path / "into").iterdir()} == dict.fromkeys(names, b"theirs")


def test_a_program_from_standard_input_is_not_written_over_either(program):
    with open(program, "rb") as source:
        code, _, err = ended(stream(a_file("main.py", b"theirs"), SUCCESS), "-", "--output", "*.py", stdin=source,
                             cwd=program.parent)
    assert code == 125 and "main.py: not written: it would overwrite" in err and program.read_bytes() == b"print('hi')\n"


def test_without_a_folder_files_go_here_and_plots_nowhere(program, tmp_path):
    (tmp_path / "here").mkdir()
    said = stream(a_file("a.csv"), a_display(b"png", "image/png"), SUCCESS)
    assert ended(said, program, "--output", "*", cwd=tmp_path / "here") == (
        0, b"", "mayfly: 1 display was not saved; -o DIR saves them\n")
    assert os.listdir(tmp_path / "here") == ["a.csv"]


def test_with_json_files_are_written_only_where_a_folder_is_named(program, tmp_path):
    (tmp_path / "here").mkdir()
    said = stream(a_file("a.csv"), SUCCESS)
    assert ended(said, program, "--output", "*", "--json", cwd=tmp_path / "here")[0] == 0
    assert os.listdir(tmp_path / "here") == []
    assert ended(said, program, "--output", "*", "--json", "-o", tmp_path / "here")[0] == 0
    assert os.listdir(tmp_path / "here") == ["a.csv"]


@pytest.mark.parametrize("path", ["../evil", "/tmp/mayfly-evil", "a/../../evil", "link/evil", "", "a//b", "\u001b[2J"])
def test_nothing_is_written_outside_the_folder(program, tmp_path, path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to(tmp_path / "outside")
    code, out, err = ended(stream(a_file(path), a_file("good"), SUCCESS), program, "--output", "**",
                           "-o", tmp_path / "in")
    assert (code, out) == (125, b"") and err.startswith("mayfly: ") and "\x1b" not in err, err
    assert os.listdir(tmp_path / "outside") == [] and sorted(os.listdir(tmp_path)) == ["in", "main.py", "outside"]
    assert sorted(os.listdir(tmp_path / "in")) == ["good", "link"]


def test_a_file_that_is_cut_is_no_success(program, tmp_path):
    said = stream(a_file("a", truncated=True), SUCCESS)
    code, _, err = ended(said, program, "--output", "*", "-o", tmp_path)
    assert code == 125 and err == "mayfly: a: is cut: it exceeds the gateway's limits for output files\n"
    assert (tmp_path / "a").read_bytes() == b"x"
    failed = stream(a_file("a", truncated=True), event("result", answer(status="error", return_code=3)))
    assert ended(failed, program, "--output", "*", "-o", tmp_path)[0] == 3


# ---- gateways in trouble ----

def test_a_refusal_says_which_fields_are_wrong(program):
    said = problem(422, "invalid_request", "The request has 2 mistakes", errors=[
        {"field": "timeout", "message": "must be between 1 and 30"}, {"field": "files[0].path", "message": "no"}])
    assert ended(said, program) == (
        125, b"", "mayfly: the gateway answered 422 invalid_request: The request has 2 mistakes\n"
                  "mayfly:   timeout: must be between 1 and 30\nmayfly:   files[0].path: no\n")


def test_a_busy_gateway_is_asked_again(program):
    busy = problem(503, "busy", "The queue is full", "retry-after: 0")
    limited = problem(429, "too_many", "Slow down", "retry-after: 0")
    late = stream()[:-len(started())] + event("error", {"status": 503, "code": "busy", "detail": "full"})
    with Scripted(busy, limited, late, stream(output("stdout", b"once"), SUCCESS)) as gateway:
        code, out, err = cli.run(gateway.url, program)
    assert (code, out) == (0, b"once") and len(gateway.requests) == 4
    assert err == "mayfly: the gateway is busy: The queue is full; retrying for up to 60 seconds\n"


@pytest.mark.parametrize("said, text", [
    (problem(503, "busy", "The queue is full", "retry-after: 4000"), "503 busy: The queue is full"),
    (problem(502, "bad", "no"), "502 bad: no"),
    (problem(500, "internal_error", "no"), "500 internal_error: no"),
    (head(503, "text/html", "retry-after: 99999999999999999999999") + b"<html>", "503"),
    (head(302, "text/html", "location: http://127.0.0.1:1/") + b"moved", "302"),
    (stream(event("error", {"status": 503, "code": "gone", "detail": "late"})), "503 gone: late"),
], ids=["too late", "of a proxy", "of the gateway", "no time", "elsewhere", "after the start"])
def test_what_is_not_worth_another_try_is_not_tried(program, said, text):
    with Scripted(said) as gateway:
        code, out, err = cli.run(gateway.url, program, "--wait", "1")
        assert (code, out) == (125, b"") and err.strip().endswith(text), err
    assert len(gateway.requests) == 1


def flood(beginning, piece):
    def said(connection):
        connection.sendall(beginning)
        while True:
            connection.sendall(piece)
    return said


HOSTILE = {
    "endless head": (flood(b"HTTP/1.1 200 OK\r\n", b"x-y: " + b"z" * 1000 + b"\r\n"), "head"),
    "endless header": (flood(b"HTTP/1.1 200 OK\r\nx: ", b"z" * 65536), ""),
    "endless continue": (flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "head"),
    "endless event": (flood(head(), b"data: " + b"z" * (1 << 20) + b"\n"), "event that is too long"),
    "endless problem": (flood(head(422, "application/problem+json"), b" " * 65536), "answer that is too long"),
    "endless name": (head() + b"event: " + b"z" * 64 + b"\n\n", "event that is too long"),
    "not HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/0.9"),
    "no status": (b"HTTP/garbage\r\n\r\n", ""),
    "nothing": (b"", "Empty reply"),
    "a page": (head(200, "text/html") + b"<html>", "not a Mayfly gateway"),
    "a like type": (head(200, "text/event-streams") + SUCCESS, "not a Mayfly gateway"),
    "closes at once": (head(), "before the result"),
    "closes early": (stream(output("stdout", b"half")), "before the result"),
    "closes in an event": (stream(SUCCESS[:-1]), "before the result"),
    "closes in a chunk": (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
                          b"ffff\r\n: ping\n\n", "clos"),
    "no chunk": (b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nhello", ""),
    "bad JSON": (stream(event("result", b"{'status': 1}")), "not JSON"),
    "bad UTF-8": (stream(event("stdout", b"\"\xff\"")), "not JSON"),
    "deep JSON": (stream(event("result", b"[" * 100000)), "not JSON"),
    "a number": (stream(event("result", 7)), "not a JSON object"),
    "wrong status": (result(status="fine"), "status"),
    "wrong code": (result(return_code="0"), "return_code"),
    "no code": (result(return_code=None), "return_code"),
    "wrong stdout": (stream(event("stdout", ["x"])), "not a string"),
    "wrong base64": (stream(event("stdout", "x")), "base64"),
    "wrong file": (stream(event("file", {"path": 7})), 'without "path"'),
    "wrong display": (stream(event("display", "x")), "without media_type"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_gateway_that_makes_no_sense_is_told_apart_from_the_program(program, name):
    said, text = HOSTILE[name]
    code, _, err = ended(said, program)
    assert code == 125 and err.startswith("mayfly: ") and text in err and err.count("\n") == 1, err


def test_nobody_is_there(program):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, out, err = cli.run(f"http://{address}", program)
        assert (code, out) == (125, b"") and "Failed to connect" in err and "MAYFLY_URL" not in err
        code, out, err = cli.run("", program, settings={"MAYFLY_LISTEN": address})
    assert (code, out) == (125, b"") and "Failed to connect" in err and err.count("\n") == 1
    assert err.endswith("; --url or MAYFLY_URL names a gateway elsewhere\n")


def test_a_gateway_that_does_not_start_the_program(program):
    code, _, err = ended(lambda connection: (connection.sendall(head()), until_hung_up(connection)), program,
                         "--wait", "0.2")
    assert (code, err) == (125, "mayfly: the program did not start in time (--wait)\n")


def test_what_comes_behind_the_result_does_not_count(program):
    assert ended(stream(SUCCESS, output("stdout", b"x"), event("result", b"{")), program) == (0, b"", "")


# ---- signals, and readers that go ----

@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_hangs_up(program, number, code):
    def said(connection):
        connection.sendall(head() + started() + output("stdout", b"on"))
        until_hung_up(connection)

    with Scripted(said) as gateway, cli.start(gateway.url, program) as process:
        assert process.stdout.read(2) == b"on"
        process.send_signal(number)
        assert process.wait(cli.TIMEOUT_SECONDS) == code
        assert process.stderr.read() == b""
        assert gateway.hung_up.wait(20)


def test_what_was_ignored_stays_ignored(program):
    gate = threading.Event()

    def said(connection):
        connection.sendall(head() + started() + output("stdout", b"on"))
        assert gate.wait(20)
        connection.sendall(SUCCESS)

    with Scripted(said) as gateway, cli.start(
            gateway.url, program, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as process:
        assert process.stdout.read(2) == b"on"
        process.send_signal(signal.SIGHUP)
        gate.set()
        assert process.wait(cli.TIMEOUT_SECONDS) == 0


def test_a_reader_that_goes_ends_the_run_without_a_word(program):
    with Scripted(flood(head() + started(), output("stdout", b"x" * 1000))) as gateway, \
            cli.start(gateway.url, program) as process:
        assert process.stdout.read(10) == b"x" * 10
        process.stdout.close()
        assert process.wait(cli.TIMEOUT_SECONDS) == 128 + signal.SIGPIPE
        assert process.stderr.read() == b""
        assert gateway.hung_up.wait(20)


def waits_for_its_gate(gate):
    """A program that has printed something, and prints nothing more."""
    def said(connection):
        connection.sendall(head() + started() + output("stdout", b"on\n"))
        assert gate.wait(20)
        connection.sendall(SUCCESS)
    return said


def test_a_reader_that_goes_while_nothing_is_written_ends_the_run(program, tmp_path):
    """But for one of which files are wanted too: it is still under way when the other has been given up."""
    gate = threading.Event()

    def silent(connection):
        connection.sendall(head() + started() + output("stdout", b"on\n"))
        until_hung_up(connection)

    with Scripted(waits_for_its_gate(gate)) as patient, Scripted(silent) as gateway, \
            cli.start(patient.url, program, "--output", "*.csv", "-o", tmp_path) as other, \
            cli.start(gateway.url, program) as process:
        for reading in (other, process):
            assert reading.stdout.read(3) == b"on\n"
            reading.stdout.close()
        assert process.wait(cli.TIMEOUT_SECONDS) == 128 + signal.SIGPIPE
        assert process.stderr.read() == b"" and gateway.hung_up.wait(20)
        gate.set()
        assert other.wait(cli.TIMEOUT_SECONDS) == 0


def test_a_reader_that_goes_as_the_program_ends_changes_nothing(program):
    gate, sent = threading.Event(), threading.Event()

    def said(connection):
        waits_for_its_gate(gate)(connection)
        sent.set()

    with Scripted(said) as gateway, cli.start(gateway.url, program) as process:
        assert process.stdout.read(3) == b"on\n"
        process.send_signal(signal.SIGSTOP)
        process.stdout.close()
        gate.set()
        assert sent.wait(20)
        process.send_signal(signal.SIGCONT)
        assert process.wait(cli.TIMEOUT_SECONDS) == 0


def test_a_full_disk_is_told(program):
    with open("/dev/full", "wb") as full:
        code, _, err = ended(stream(output("stdout", b"x"), SUCCESS), program, stdout=full)
    assert (code, err) == (125, "mayfly: the output cannot be written: No space left on device\n")


def test_a_closed_stdout_is_told_and_no_socket_takes_its_place(program):
    with Scripted(stream(output("stdout", b"secret"), SUCCESS)) as gateway:
        done = subprocess.run(["sh", "-c", f'exec "{BINARY}" run "{program}" >&-'], stderr=subprocess.PIPE, timeout=60,
                              env=cli.environment(MAYFLY_URL=gateway.url), check=False)
    assert done.returncode == 125 and b"cannot be written" in done.stderr


# ---- at a terminal ----

def test_a_spinner_shows_what_is_waited_for_and_is_gone_before_output(program):
    gate = threading.Event()

    def said(connection):
        connection.sendall(head() + started())
        assert gate.wait(20)
        connection.sendall(output("stderr", b"said\n") + SUCCESS)

    ours, theirs = pty.openpty()
    with Scripted(said) as gateway, cli.start(gateway.url, program, stderr=theirs,
                                              settings={"TERM": "xterm"}) as process:
        os.close(theirs)
        seen = b""
        while b" s  running" not in seen:
            seen += os.read(ours, 4096)
        gate.set()
        while b"said" not in seen:
            seen += os.read(ours, 4096)
        assert process.wait(cli.TIMEOUT_SECONDS) == 0
    os.close(ours)
    assert seen.replace(b"\r\n", b"\n").endswith(b"running\r\x1b[Ksaid\n"), seen


def test_json_at_a_terminal_shows_no_spinner(program):
    ours, theirs = pty.openpty()
    with Scripted(problem(503, "busy", "full", "retry-after: 0"), stream(SUCCESS)) as gateway, \
            cli.start(gateway.url, program, "--json", stderr=theirs, settings={"TERM": "xterm"}) as process:
        os.close(theirs)
        assert process.wait(cli.TIMEOUT_SECONDS) == 0
    assert os.read(ours, 4096) == b"mayfly: the gateway is busy: full; retrying for up to 60 seconds\r\n"
    os.close(ours)


# ---- help ----

def shown(*words):
    done = subprocess.run([BINARY, *words], capture_output=True, timeout=60, check=False, env=cli.environment())
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.mark.parametrize("role", [[], ["run"], ["check"], ["health"], ["key"]])
def test_each_help_fits_a_screen(role):
    lines = shown(*role, "--help").splitlines()
    assert lines[0].startswith("Usage: mayfly") and len(lines) <= 24
    assert max(len(line) for line in lines) <= 80


def settings_in(text):
    """{name: (default, range)} of a help's table."""
    return {name: (default, bounds) for name, default, bounds in
            re.findall(r"(?:^|  )([A-Z_]+)=(\S*)(?: \((.*?)\))?(?=  |$)", text, re.MULTILINE)}


@pytest.mark.parametrize("role", ["serve", "front", "broker", "config"])
def test_the_help_of_who_reads_the_settings_ends_with_their_table_and_fits_a_screen(role):
    text = shown(role, "--help")
    lines = text.splitlines()
    assert lines[0].startswith(f"Usage: mayfly {role}") and len(lines) <= 38
    assert max(len(line) for line in lines) <= 110
    table = settings_in(text)
    effective = dict(line.split("=", 1) for line in shown("config").splitlines())
    assert {name: default for name, (default, _) in table.items()} == effective
    assert table["MAYFLY_WARM"][1] == "0..1000" and table["MAYFLY_MAX_BODY_BYTES"] == ("8MiB", "1KiB..30MiB")
    assert table["MAYFLY_LOG"][1] == "auto|json|text" and table["MAYFLY_CPUS"][1] == "0.05..1024"


def test_the_table_of_settings_has_one_column_where_two_do_not_fit():
    def on_terminal(columns):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with subprocess.Popen(["timeout", "60", BINARY, "serve", "--help"], stdout=theirs, env=cli.environment()) as process:
            os.close(theirs)
            text = b""
            try:
                while data := os.read(ours, 4096):
                    text += data
            except OSError:  # all is read, and nobody writes any more
                pass
            os.close(ours)
            assert process.wait() == 0
        return text.decode().replace("\r\n", "\n")
    assert on_terminal(110) == shown("serve", "--help")
    narrow = on_terminal(80)
    assert settings_in(narrow) == settings_in(shown("serve", "--help"))
    assert max(len(line) for line in narrow.splitlines()) <= 80 and "  MAYFLY" not in narrow


def test_the_help_names_every_role():
    roles = re.findall(r"^  ([a-z]+) ", shown("--help"), re.MULTILINE)
    assert roles == ["serve", "front", "broker", "run", "session", "repl", "mcp", "check", "health", "key", "config"]


def test_the_settings_are_explained():
    assert "MAYFLY_LISTEN=127.0.0.1:8000\n    where the HTTP server listens" in shown("config", "--explain")


# The help, which fits a screen, leaves these to the manual.
OF_THE_MANUAL = {("--compare", "HOW"), ("--isolation", "MODE"), ("--stop-on", "WHAT"), ("--total-timeout", "S")}


def options_in(*command):
    return {(name, value or "") for name, value in
            re.findall(r"^  (-[-a-z]+) +([A-Z][^ ]*)? ", shown(*command, "--help"), re.MULTILINE)}


def test_the_manual_has_the_options_of_the_help():
    """Each option of `mayfly run --help`, with the same value, and those that it leaves out; those of sessions; each role."""
    manual = (ROOT / "deploy/mayfly.1").read_text(encoding="utf-8")
    helped = options_in("run")
    of_sessions = options_in("session", "new") | options_in("session", "run") | options_in("repl")
    written = {(("-" + name).replace("\\-", "-"), value.replace(" Ns ", "").replace(" Ar ", " "))
               for name, value in re.findall(r"^\.It Fl (\S+)(?: Ar (.*))?$", manual, re.MULTILINE)}
    assert len(helped) == 21 and len(of_sessions - helped) == 4 and written == helped | of_sessions | OF_THE_MANUAL
    for role in re.findall(r"^  ([a-z]+) ", shown("--help"), re.MULTILINE):
        assert f".It Cm {role}" in manual, role
