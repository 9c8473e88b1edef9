"""`mayfly mcp`: a host that starts a command uses a gateway. Each line is a message."""

import contextlib
import json
import os
import signal
import subprocess

import pytest

import mcp
from gateway import BINARY, free_port
from helpers import entry, running, until
from scripted import Scripted, head, problem

SECONDS = 30


class Bridge:
    """The command, as its host sees it."""

    def __init__(self, *words, **environment):
        base = {name: os.environ[name] for name in os.environ if name == "PATH" or name.endswith("SAN_OPTIONS")}
        self.process = subprocess.Popen([BINARY, "mcp", *map(str, words)], env=base | environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def send(self, *messages):
        for message in messages:
            line = message if isinstance(message, bytes) else json.dumps(message).encode()
            self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()
        return self

    def receive(self):
        line = self.process.stdout.readline()
        assert line.endswith(b"\n"), (line, self.process.poll())
        return json.loads(line)

    def ask(self, message):
        return self.send(message).receive()

    def end(self):
        """What it still says once its standard input has ended, its stderr, and its exit code."""
        out, err = self.process.communicate(timeout=SECONDS)
        return [json.loads(line) for line in out.splitlines()], err.decode(), self.process.returncode


@pytest.fixture
def bridge(gateway):
    with Bridge("--url", gateway.url) as started:
        yield started


def handshake(version="2025-06-18"):
    return mcp.message("initialize", {"protocolVersion": version, "capabilities": {}}, "first")


# ---- both eras ----

def test_a_host_of_the_old_era(bridge):
    assert bridge.ask(handshake())["result"]["protocolVersion"] == "2025-06-18"
    bridge.send(mcp.message("notifications/initialized", number=None))
    assert len(bridge.ask(mcp.message("tools/list", number=2))["result"]["tools"]) == 6
    said = bridge.ask(mcp.old_run_body({"stdout": "a\nb\u2028\n"}, 3))
    assert said["id"] == 3 and said["result"]["structuredContent"]["stdout"] == "a\nb\u2028\n"
    assert bridge.end() == ([], "", 0)


def test_a_host_of_the_new_era(bridge):
    assert bridge.ask(mcp.modern("server/discover", number="d"))["result"]["supportedVersions"] == mcp.VERSIONS
    assert bridge.ask(mcp.run_body({"stdout": "hi\n"}, 1))["result"]["isError"] is False
    assert bridge.ask(mcp.modern("ping", number=2))["error"]["code"] == -32601
    error = bridge.ask(mcp.modern("tools/list", number=3, version="1999-01-01"))["error"]
    assert (error["code"], error["data"]["supported"]) == (-32022, mcp.VERSIONS)
    assert bridge.ask(mcp.modern("tools/call", {"name": "\u00e9 \n"}, 4))["error"]["code"] == -32602
    assert bridge.ask(mcp.modern("tools/call\r\nX-Api-Key: x", {}, 5))["error"]["code"] == -32020


def test_progress_comes_as_it_is_told(engine, bridge):
    bridge.send(mcp.run_body({"stdout": "on\n", "gate": "g"}, 1, token="t", timeout=20))
    while (said := bridge.receive())["params"]["message"] != "on":
        assert said["params"]["progressToken"] == "t"
    engine.open("g")
    while "result" not in (said := bridge.receive()):
        pass
    assert said["id"] == 1 and said["result"]["isError"] is False


def test_answers_come_as_the_programs_end(engine, bridge):
    bridge.send(mcp.run_body({"gate": "g"}, 1, timeout=20))
    running(engine, 1)
    assert bridge.ask(mcp.run_body({}, 2))["id"] == 2
    engine.open("g")
    assert bridge.receive()["id"] == 1


def test_a_batch_of_the_oldest_revision(bridge):
    said = bridge.ask([mcp.message("ping", number=1), mcp.message("ping", number=2)])
    assert [each["id"] for each in said] == [1, 2]


# ---- the end of a call ----

@pytest.mark.parametrize("body", [mcp.run_body, mcp.old_run_body])
@pytest.mark.parametrize("number", [7, "seven"])
def test_a_notification_ends_the_program(engine, bridge, body, number):
    bridge.send(body({"gate": "never"}, number, timeout=20))
    running(engine, 1)
    bridge.send(mcp.message("notifications/cancelled", {"requestId": number}, None))
    engine.wait(lambda: engine.runs[0].end == "canceled", "the program is ended")
    assert bridge.ask(mcp.message("ping", number=8))["id"] == 8


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_programs(engine, bridge, number):
    bridge.send(mcp.run_body({"gate": "never"}, 1, timeout=20), mcp.run_body({"gate": "never"}, 2, timeout=20))
    running(engine, 2)
    bridge.process.send_signal(number)
    assert bridge.process.wait(SECONDS) == 128 + number
    engine.wait(lambda: all(run.end == "canceled" for run in engine.runs), "the programs are ended")


def test_it_ends_with_the_last_answer(engine, bridge):
    bridge.send(mcp.run_body({"gate": "g"}, 1, timeout=20))
    bridge.process.stdin.close()
    running(engine, 1)
    engine.open("g")
    assert bridge.receive()["id"] == 1
    assert bridge.process.wait(SECONDS) == 0


def test_a_host_that_is_gone_ends_the_programs(engine, bridge):
    bridge.send(mcp.run_body({"gate": "never"}, 1, timeout=20))
    running(engine, 1)
    bridge.process.stdin.close()
    bridge.process.stdout.close()
    assert bridge.process.wait(SECONDS) == 0
    engine.wait(lambda: engine.runs[0].end == "canceled", "the program is ended")


# ---- what is wrong ----

def test_a_line_that_is_no_json_is_a_parse_error(bridge):
    for line in (b"nonsense", b"{", b'"\xff"'):
        said = bridge.ask(line)
        assert said["error"]["code"] == -32700 and "id" not in said
    assert bridge.send(b"", b"  ").ask(mcp.message("ping"))["result"] == {}


def test_a_gateway_that_is_not_there_is_an_error_of_each_request():
    with Bridge("--url", f"http://127.0.0.1:{free_port()}") as bridge:
        for number in (1, "2"):
            said = bridge.ask(mcp.message("ping", number=number))
            assert said["id"] == number and said["error"]["code"] == -32603 and said["error"]["message"]
        bridge.send(mcp.message("notifications/initialized", number=None))
        assert bridge.end() == ([], "", 0)


def test_a_key_is_shown(start, keys_file, tmp_path):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one")))
    key = tmp_path / "key"
    key.write_text("one\n", "ascii")
    with Bridge("--url", gateway.url, "--key-file", key) as bridge:
        assert bridge.ask(mcp.message("ping"))["result"] == {}
    with Bridge(MAYFLY_URL=gateway.url, MAYFLY_KEY_FILE=str(key)) as bridge:
        assert bridge.ask(mcp.message("ping"))["result"] == {}
    with Bridge(MAYFLY_LISTEN=f"0.0.0.0:{gateway.port}") as bridge:
        error = bridge.ask(mcp.message("ping"))["error"]
        assert error["code"] == -32603 and "HTTP status 401: This gateway requires a key" in error["message"]


def test_an_answer_that_is_no_message_is_an_error():
    page = head(502, "text/html") + b"<h1>Bad gateway</h1>"
    nobody = problem(400, "code", "No words for this.")
    other = head(400, "application/json") + b'{"jsonrpc":"2.0","id":99,"error":{"code":-32600,"message":"other"}}'
    with Scripted(page, nobody, other) as gateway, Bridge("--url", gateway.url) as bridge:
        assert "HTTP status 502" in bridge.ask(mcp.message("ping", number=1))["error"]["message"]
        assert "No words for this." in bridge.ask(mcp.message("ping", number=2))["error"]["message"]
        said = bridge.ask(mcp.message("ping", number=3))
        assert (said["id"], said["error"]["code"]) == (3, -32600) and "other" in said["error"]["message"]


def test_an_answer_on_several_lines_becomes_one():
    answer = b'{\r\n "jsonrpc": "2.0",\n "id": 1,\n "result": {}\n}\n'
    with Scripted(head(200, "application/json") + answer) as gateway, Bridge("--url", gateway.url) as bridge:
        assert bridge.ask(mcp.message("ping")) == {"jsonrpc": "2.0", "id": 1, "result": {}}


def test_more_requests_than_it_keeps_are_refused(engine, start):
    gateway = start(MAYFLY_MAX_BOXES=1, MAYFLY_WARM=1)
    with Bridge("--url", gateway.url) as bridge:
        bridge.send(*(mcp.run_body({"gate": "g"}, number, timeout=20) for number in range(65)))
        assert bridge.receive() == {"jsonrpc": "2.0", "id": 64, "error": {"code": -32603, "message": "Too many requests are pending"}}
        running(engine, 1)
        bridge.process.terminate()
        bridge.process.wait(SECONDS)
    until(lambda: not [run for run in engine.runs if not run.end], "all are ended")


@pytest.mark.parametrize("words, said", [
    (["--nonsense"], "there is no option --nonsense"), (["--url"], "--url needs a value"),
    (["--url", "ftp://x"], "the gateway's URL must be"), (["--key-file", "/none"], "/none")])
def test_a_wrong_command_line_is_told(words, said):
    with Bridge(*words) as bridge:
        out, err, code = bridge.end()
    assert (out, code) == ([], 125) and err.startswith("mayfly: mcp: ") and said in err


def test_help():
    with Bridge("--help") as bridge:
        out, _ = bridge.process.communicate(timeout=SECONDS)
    lines = out.decode().splitlines()
    assert lines[0] == "Usage: mayfly mcp [OPTIONS]" and len(lines) <= 24 and all(len(line) <= 80 for line in lines)
