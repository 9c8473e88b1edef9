"""Keys from a file, which are checked before a body is read, and read again at SIGHUP."""

import contextlib
import grp
import json
import os
import signal
import subprocess

import pytest

from gateway import BINARY, EXECUTE, Process, free_port
from helpers import bearer, entry, until
from metrics import Metrics

BODY = json.dumps({"code": "print(1)"}).encode()
JSON = ("content-type", "application/json")


def ask(gateway, *headers, body=BODY):
    return gateway.request("POST", EXECUTE, body, [JSON, *headers])


def test_a_key_is_asked_for(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one"), entry("two")))
    assert ask(gateway, bearer("one")).status == 200
    assert ask(gateway, ("X-API-Key", "two")).status == 200
    assert ask(gateway, ("authorization", "bearer  two")).status == 200
    for headers in [[], [bearer("three")], [bearer("")], [("authorization", "Basic one")], [("x-api-key", "On")],
                    [bearer("one"[:2])], [bearer("x" * 600)], [bearer("wrong"), ("x-api-key", "one")]]:
        refused = ask(gateway, *headers)
        assert refused.status == 401, headers
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.json()["code"] == "unauthorized"
    assert ask(gateway, bearer("one"), bearer("one")).status == 400


def test_with_keys_a_preflight_needs_none_and_no_name_is_asked_for(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one")), MAYFLY_CORS_ORIGINS="https://app.example")
    app, evil = ("origin", "https://app.example"), ("origin", "http://evil.example")
    asks = ("access-control-request-method", "POST")
    answer = gateway.request("OPTIONS", EXECUTE, headers=[app, asks])
    assert answer.status == 204 and answer.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert gateway.request("OPTIONS", EXECUTE, headers=[evil, asks]).status == 401
    assert gateway.request("OPTIONS", EXECUTE, headers=[app]).status == 401
    for headers, status in (([app], 401), ([app, bearer("one")], 200)):
        answer = ask(gateway, *headers)
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (status, app[1])
    answer = ask(gateway, evil, bearer("one"), ("host", "evil.example"))
    assert answer.status == 200 and "access-control-allow-origin" not in answer.headers
    assert gateway.request("GET", "/livez", headers=[("host", "any.example")]).status == 200


def test_what_is_not_the_api_is_open(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one")))
    assert gateway.request("GET", "/readyz").status == 200
    assert gateway.request("GET", "/metrics").status == 401
    assert gateway.request("GET", "/metrics", headers=[bearer("one")]).status == 200
    assert gateway.request("GET", "/api/v1/nothing").status == 401


def test_no_body_is_read_without_a_key(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one")))
    with gateway.client() as client:
        head = f"POST {EXECUTE} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n"
        client.socket.sendall(head.encode())
        assert client.receive().status == 401
        with pytest.raises(ConnectionError):
            client.receive()


def test_a_later_request_of_a_connection_is_asked_too(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one")))
    with gateway.client() as client:
        assert client.request("POST", EXECUTE, BODY, [JSON, bearer("one")]).status == 200
        client.send("POST", EXECUTE, BODY, [JSON, bearer("one")])
        client.send("POST", EXECUTE, BODY, [JSON])
        assert client.receive().status == 200
        assert client.receive().status == 401


def test_the_file_is_read_again_at_sighup(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("old")))
    path = keys_file(entry("new"))
    assert ask(gateway, bearer("new")).status == 401
    os.kill(gateway.process.pid, signal.SIGHUP)
    gateway.process.wait_line('"keys_read"')
    assert ask(gateway, bearer("new")).status == 200
    assert ask(gateway, bearer("old")).status == 401
    path.write_text('{"keys": [', encoding="ascii")
    os.kill(gateway.process.pid, signal.SIGHUP)
    gateway.process.wait_line('"keys_rejected"')
    assert ask(gateway, bearer("new")).status == 200


@pytest.mark.parametrize("text, sentence", [
    ('{"keys": []}', "must be {"),
    ('{"keys": [{"name": "a", "sha256": "00"}]}', "keys[0].sha256 must be 64 hex digits"),
    (None, "it cannot be opened by user "),
])
def test_a_bad_file_stops_the_start(engine, keys_file, text, sentence):
    path = keys_file(entry("one"))
    path.unlink()
    if text is not None:
        path.write_text(text, encoding="ascii")
    failed = Process("serve", {"DOCKER_HOST": f"unix://{engine.path}", "MAYFLY_LISTEN": f"127.0.0.1:{free_port()}",
                               "MAYFLY_KEYS_FILE": path, "MAYFLY_LOG": "json"})
    assert failed.wait() != 0
    assert f"MAYFLY_KEYS_FILE: {sentence}" in failed.log() and f"({path})" in failed.log()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give its rights away")
def test_a_file_that_the_front_may_not_read_is_named_with_the_front_s_user(engine, keys_file):
    path = keys_file(entry("one"))
    os.chmod(path, 0)
    settings = {"DOCKER_HOST": f"unix://{engine.path}", "MAYFLY_LISTEN": f"127.0.0.1:{free_port()}",
                "MAYFLY_KEYS_FILE": path, "MAYFLY_LOG": "json", "MAYFLY_USER": "nobody"}
    failed = Process("serve", settings)
    assert failed.wait() != 0
    assert f"it cannot be opened by user nobody: Permission denied ({path})" in failed.log()
    os.chown(path, 0, grp.getgrnam("nogroup").gr_gid)
    os.chmod(path, 0o640)
    process = Process("serve", settings)
    process.wait_line('"listening"')
    assert process.stop() == 0


@pytest.mark.parametrize("listen, settings, refused", [
    ("0.0.0.0", {}, True),
    ("[::]", {}, True),
    ("0.0.0.0", {"MAYFLY_AUTH": "none"}, False),
    ("[::1]", {}, False),
    ("127.8.0.1", {}, False),
])
def test_without_keys_only_this_machine_may_call(engine, listen, settings, refused):
    process = Process("serve", {"DOCKER_HOST": f"unix://{engine.path}", "MAYFLY_LISTEN": f"{listen}:0",
                                "MAYFLY_LOG": "json", **settings})
    process.wait_line("without keys" if refused else '"listening"')
    code = process.wait() if refused else process.stop()
    assert (code != 0) == refused


def test_a_key_is_shown_once_and_works(start, keys_file):
    made = subprocess.run([BINARY, "key", "new", "ci"], capture_output=True, text=True, check=True).stdout.split("\n")
    key, line = made[1].strip(), json.loads(made[3])
    assert line["name"] == "ci"
    assert ask(start(MAYFLY_KEYS_FILE=keys_file(line)), bearer(key)).status == 200
    for words in [["new"], ["new", "Two Words"], ["old", "x"], ["new", "a", "b"]]:
        assert subprocess.run([BINARY, "key", *words], capture_output=True, check=False).returncode != 0


def test_a_key_is_in_no_log(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("secret-key-of-mine")), MAYFLY_LOG_LEVEL="debug")
    assert ask(gateway, bearer("another-key-of-mine")).status == 401
    assert ask(gateway, bearer("another-key-of-mine"), body=b"x" * 100000).status == 401
    gateway.process.wait_line("unauthorized")
    assert "another-key-of-mine" not in gateway.log()


def test_a_key_has_limits_of_its_own(engine, start, keys_file):
    limits = {"max_timeout": 2, "max_memory_bytes": 64 << 20, "runtimes": ["python"]}
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("small", **limits), entry("large")))
    for fields, field in [({"timeout": 3}, "timeout"), ({"limits": {"memory_bytes": 128 << 20}}, "limits.memory_bytes")]:
        body = json.dumps({"code": "print(1)", **fields}).encode()
        refused = ask(gateway, bearer("small"), body=body)
        assert refused.status == 422
        assert refused.json()["errors"][0]["field"] == field
        assert ask(gateway, bearer("large"), body=body).status == 200
    assert ask(gateway, bearer("small")).status == 200
    assert engine.runs[-1].job.timeout_ms == 2000
    assert engine.runs[-1].job.owner == "small"


def test_runs_at_a_time_are_limited(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one", max_runs=1), entry("two")), MAYFLY_WARM=2)
    with gateway.client() as client:
        client.send("POST", EXECUTE, json.dumps({"code": json.dumps({"gate": "g"})}).encode(), [JSON, bearer("one")])
        engine.wait(lambda: len(engine.runs) == 1, "the run has begun")
        refused = ask(gateway, bearer("one"))
        assert (refused.status, refused.json()["code"]) == (429, "rate_limited")
        assert int(refused.headers["retry-after"]) >= 1
        assert ask(gateway, bearer("two")).status == 200
        engine.open("g")
        assert client.receive().status == 200
    assert ask(gateway, bearer("one")).status == 200
    text = gateway.request("GET", "/metrics", headers=[bearer("two")]).body.decode()
    assert 'mayfly_key_refusals_total{key="one",limit="runs"} 1\n' in text
    assert 'mayfly_key_runs{key="one"} 0\n' in text


def test_a_client_that_hangs_up_gives_its_place_back(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one", max_runs=1)))
    client = gateway.client()
    client.send("POST", EXECUTE, json.dumps({"code": json.dumps({"gate": "never"})}).encode(), [JSON, bearer("one")])
    engine.wait(lambda: len(engine.runs) == 1, "the run has begun")
    client.hang_up()
    engine.wait(lambda: engine.runs[0].end in ("canceled", "killed"), "it is canceled")
    assert ask(gateway, bearer("one")).status == 200


def test_runs_a_minute_are_limited_and_told(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one", runs_per_minute=2)))
    first, second, third = (ask(gateway, bearer("one")) for _ in range(3))
    assert [answer.status for answer in (first, second, third)] == [200, 200, 429]
    assert first.headers["ratelimit-policy"] == '"runs";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"runs";r=1;t=')
    left = int(third.headers["ratelimit"].partition("t=")[2])
    assert int(third.headers["retry-after"]) >= left - 1


def test_a_bad_request_costs_nothing(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one", runs_per_minute=1)))
    for _ in range(3):
        assert ask(gateway, bearer("one"), body=b"{}").status == 422
    assert ask(gateway, bearer("one")).status == 200


def test_executions_are_their_keys_own(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one"), entry("two")))
    accepted = gateway.request("POST", "/api/v1/executions", BODY, [JSON, bearer("one")])
    assert accepted.status == 202
    where = accepted.headers["location"]
    assert gateway.request("GET", where + "?wait=5", headers=[bearer("one")]).json()["status"] == "success"
    assert gateway.request("GET", where, headers=[bearer("two")]).status == 404
    assert gateway.request("GET", where + "/events", headers=[bearer("two")]).status == 404
    assert gateway.request("DELETE", where, headers=[bearer("two")]).status == 404
    assert gateway.request("GET", where, headers=[bearer("one")]).json()["status"] == "success"


def test_a_crowd_of_executions_pushes_out_none_of_another_key(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one"), entry("crowd")), MAYFLY_EXECUTIONS_MAX=3)

    def run(key):
        where = gateway.request("POST", "/api/v1/executions", BODY, [JSON, bearer(key)]).headers["location"]
        assert gateway.request("GET", where + "?wait=10", headers=[bearer(key)]).json()["status"] == "success"
        return where

    mine = run("one")
    theirs = [run("crowd") for _ in range(4)]
    assert gateway.request("GET", mine, headers=[bearer("one")]).status == 200
    assert [gateway.request("GET", each, headers=[bearer("crowd")]).status for each in theirs] == [410, 410, 200, 200]
    assert gateway.request("GET", theirs[0], headers=[bearer("one")]).status == 404


def test_one_keys_crowd_does_not_delay_anothers_first_run(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("crowd"), entry("other")), MAYFLY_WARM=1, MAYFLY_MAX_BOXES=2)
    clients = []

    def send(key, text):
        client = gateway.client()
        client.send("POST", EXECUTE, json.dumps({"code": json.dumps({"gate": text})}).encode(), [JSON, bearer(key)])
        gateway.request("GET", "/livez")  # answered: what came before it has been read
        clients.append(client)

    for number in range(12):
        send("crowd", f"crowd{number}")
    send("other", "other")
    for number in range(12):
        engine.open(f"crowd{number}")
    engine.open("other")
    assert [client.receive().status for client in clients] == [200] * 13
    order = [run.job.owner for run in engine.runs]
    assert order.index("other") <= 4, order
    for client in clients:
        client.close()


def waiting(gateway, key):
    return Metrics(gateway.request("GET", "/metrics", headers=[bearer(key)]).body.decode()).value("mayfly_runs_waiting")


def test_a_crowd_makes_room_in_the_queue_for_another_key(engine, start, keys_file):
    """Its newest run goes with 503; the other key's waits in its place."""
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("crowd"), entry("other")), MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1,
                    MAYFLY_MAX_WAITING=3)
    with contextlib.ExitStack() as open_clients:
        def send(key, gate):
            body = json.dumps({"code": json.dumps({"gate": gate}), "timeout": 20})
            return open_clients.enter_context(gateway.post(body.encode(), headers=[bearer(key)]))
        crowd = [send("crowd", "crowd")]
        engine.wait(lambda: engine.runs, "the first of them runs")
        for count in range(1, 4):
            crowd.append(send("crowd", "crowd"))
            until(lambda count=count: waiting(gateway, "crowd") == count, f"{count} waiting")
        other = send("other", "other")
        evicted = crowd.pop().receive()
        assert evicted.status == 503 and int(evicted.headers["retry-after"]) >= 1, evicted
        assert send("crowd", "crowd").receive().status == 503, "its own crowd has filled the queue"
        engine.open("crowd")
        engine.open("other")
        assert [client.receive().status for client in (*crowd, other)] == [200] * 4
    assert sorted(json.loads(run.job.source)["gate"] for run in engine.runs) == ["crowd"] * 3 + ["other"]
