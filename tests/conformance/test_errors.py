"""Each example of an error: brought about, and compared with the answer word for word.

`PROVOKED` says how, by the names of the examples. A code without an example, an example without an entry here, and an
operation that names an error which it does not show, each fail a test.
"""

import hashlib
import json
import os
import re
import select
import signal
import socket
import tempfile
from pathlib import Path

import pytest

from asking import EXECUTIONS, JSON, SESSIONS, Asking, ask, events_are
from description import PROBLEM, Description
from engine import Engine
from gateway import EXECUTE, ROOT, Client, Gateway
from helpers import gated, running

RUN = b'{"code":"1"}'
HASTY = b'{"code":"1","queue_timeout":1}'


class Ground:
    """The gateway that provokes an error: the shared one, or one of its own."""

    def __init__(self, engine, gateway, description, folder):
        self.engine, self.gateway, self.description, self.folder = engine, gateway, description, folder

    def start(self, engine=None, **settings):
        return Gateway(f"unix://{(engine or self.engine).path}", MAYFLY_WARM=1, **settings)

    def keyed(self):
        """A gateway that knows one key, `key`, good for one run a minute."""
        entry = {"name": "one", "sha256": hashlib.sha256(b"key").hexdigest(), "runs_per_minute": 1}
        (self.folder / "keys.json").write_text(json.dumps({"keys": [entry]}), "ascii")
        return self.start(MAYFLY_KEYS_FILE=self.folder / "keys.json")

    def asking(self, gateway):
        return Asking(gateway, self.description)


@pytest.fixture
def ground(engine, gateway, description):
    with tempfile.TemporaryDirectory(prefix="mayfly-errors-") as folder:
        os.chmod(folder, 0o755)  # for the front's user
        yield Ground(engine, gateway, description, Path(folder))


def told(data):
    """A provocation: these bytes."""
    def provoke(ground):
        with ground.gateway.client() as client:
            client.socket.sendall(data)
            return client.receive()

    return provoke


def asked(*request, method="POST", path=EXECUTE):
    """A provocation: this request."""
    return lambda ground: ground.gateway.request(method, path, *request)


def unauthorized(ground):
    with ground.keyed() as gateway:
        return ask(gateway, RUN)


def rate_limited(ground):
    with ground.keyed() as gateway:
        allowed, refused = (ask(gateway, RUN, [*JSON, ("x-api-key", "key")]) for _ in range(2))
    for answer in (allowed, refused):
        assert {"ratelimit", "ratelimit-policy"} <= answer.headers.keys()
    return refused


def execution_expired(ground):
    with ground.start(MAYFLY_EXECUTIONS_MAX=1) as gateway:
        asking = ground.asking(gateway)
        first = asking.submit({}).headers["location"]
        assert asking("GET", f"{first}?wait=20").json()["status"] == "success"
        assert asking.submit({}).status == 202
        return asking("GET", first)


def idempotency_key_reused(ground):
    asking = ground.asking(ground.gateway)
    assert asking.submit({"stdout": "1"}, idempotency_key="k").status == 202
    assert asking("POST", EXECUTIONS, RUN, idempotency_key="k").status == 422
    assert asking("POST", EXECUTE, RUN, idempotency_key="\u00e9").status == 422
    return asking("POST", EXECUTE, RUN, idempotency_key="k")


def expectation_failed(ground):
    with ground.gateway.post({"code": "1"}, headers=[("expect", "a miracle")]) as client:
        return client.receive()


def client_gone(ground):
    """To a client that ends its side, and still reads."""
    with ground.gateway.post(gated("never")) as client:
        running(ground.engine, 1)
        client.socket.shutdown(socket.SHUT_WR)
        return client.receive()


def internal_error(ground):
    body = {"code": json.dumps({"refuse": "the program did not run: a file of the job cannot be written: No space left on device"})}
    return ask(ground.gateway, json.dumps(body).encode())


def busy(ground):
    """Of the call, of a stream, and of an execution."""
    with ground.start(MAYFLY_MAX_BOXES=1) as gateway, gateway.post(gated("busy")) as first:
        running(ground.engine, 1)
        asking = ground.asking(gateway)
        path = asking("POST", EXECUTIONS, HASTY).headers["location"]
        with gateway.post(HASTY, headers=[("accept", "text/event-stream")]) as stream:
            answer = ask(gateway, HASTY)
            events_are(ground.description, "RefusedEvents", stream.receive().body.decode())
        result = asking("GET", f"{path}?wait=20").json()
        ground.engine.open("busy")
        assert first.receive().status == 200
    example = ground.description.example("NotStartedResult")
    assert {name for name in example if example[name] != result[name]} == {"id"}, result
    return answer


def memory_busy(ground):
    """Two heads and most of their bodies: for one of the two there is no room."""
    part = b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1048576\r\n\r\n" + b" " * 1000000
    with ground.start(MAYFLY_MAX_BODY_BYTES="1MiB", MAYFLY_MAX_PENDING_BYTES="1MiB") as gateway, \
            gateway.client() as first, gateway.client() as second:
        for client in (first, second):
            client.socket.sendall(part)
        [answered], _, _ = select.select([first.socket, second.socket], [], [], 30)
        return (first if answered is first.socket else second).receive()


def too_many_connections(ground):
    """To an address from which nobody asks whether the gateway is well."""
    address = ("127.0.0.2", 0)
    with ground.start(MAYFLY_MAX_CONNECTIONS_PER_ADDRESS=1) as gateway, \
            Client(gateway.address, source=address) as first:
        assert first.request("GET", "/livez").status == 200
        with Client(gateway.address, source=address) as second:
            return second.receive()


def engine_unavailable(ground):
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, Engine(f"{folder}/docker.sock") as engine, \
            ground.start(engine) as gateway:
        engine.stop()
        gateway.wait_health(503)
        answer = ask(gateway, RUN)
        engine.start()
    return answer


def draining(ground):
    with ground.start() as gateway, gateway.post(gated("stop")) as last:
        running(ground.engine, 1)
        gateway.process.popen.send_signal(signal.SIGTERM)
        for path in ("/health", "/readyz"):
            example = ground.description.operation("GET", path)["responses"]["503"]["content"]["application/json"]
            assert gateway.wait_health(503, path).json() == example["example"]
        answer = ask(gateway, RUN)
        ground.engine.open("stop")
        assert last.receive().status == 200
    return answer


def in_session(*parts, fields=b"{}", **settings):
    """A provocation: these requests in a session of an own gateway, the answer to the last."""
    def provoke(ground):
        with ground.start(**settings) as gateway:
            asking = ground.asking(gateway)
            path = asking("POST", SESSIONS, fields).headers["location"]
            answers = [asking(method, f"{path}{rest}", body) for method, rest, body in parts]
            return answers[-1]

    return provoke


def session_busy(ground):
    """With the run of the example, which is another one each time."""
    with ground.start() as gateway:
        asking = ground.asking(gateway)
        path = asking("POST", SESSIONS).headers["location"]
        with gateway.post(gated("session"), f"{path}/executions") as client:
            running(ground.engine, 1)
            answer = asking("POST", f"{path}/executions", RUN)
            waited = asking("POST", f"{path}/executions", b'{"code":"1","queue_timeout":0.1}')
            ground.engine.open("session")
            run = client.receive().json()["id"]
    assert waited.status == 409 and waited.json()["code"] == "session_busy"
    assert answer.json()["running"] == run
    shown = ground.description.example("SessionBusy")["running"]
    answer.body = answer.body.replace(run.encode(), shown.encode())
    return answer


def session_differs(ground):
    with ground.start() as gateway:
        asking = ground.asking(gateway)
        assert asking("POST", SESSIONS, b'{"id":"a"}').status == 201
        return asking("POST", SESSIONS, b'{"id":"a","limits":{"pids":9}}')


def session_limit(ground):
    with ground.start(MAYFLY_SESSIONS=1) as gateway:
        asking = ground.asking(gateway)
        assert asking("POST", SESSIONS).status == 201
        return asking("POST", SESSIONS)


def not_running(ground):
    with ground.start() as gateway:
        asking = ground.asking(gateway)
        path = asking("POST", SESSIONS).headers["location"]
        run = asking("POST", f"{path}/executions", RUN).json()["id"]
        return asking("DELETE", f"{path}/executions/{run}")


NO_RUN = ("DELETE", "/executions/0123456789abcdef", b"")

PROVOKED = {
    "malformed_request": told(b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
    "ambiguous_framing": told(b"GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n"),
    "malformed_json": asked(b"", JSON),
    "unauthorized": unauthorized,
    "foreign_origin": asked(b'{"code":"1"}', [*JSON, ("origin", "https://other.example")]),
    "unknown_host": asked(b'{"code":"1"}', [*JSON, ("host", "other.example")]),
    "not_found": asked(method="GET", path="/nothing"),
    "execution_not_found": asked(method="GET", path=f"{EXECUTIONS}/0123456789abcdef"),
    "method_not_allowed": asked(method="PUT"),
    "execution_expired": execution_expired,
    "body_too_large": asked(b" " * ((8 << 20) + 1), JSON),
    "unsupported_media_type": asked(b"print(1)", [("content-type", "text/x-python")]),
    "expectation_failed": expectation_failed,
    "invalid_request": asked(b'{"timeout":31}', JSON),
    "idempotency_key_reused": idempotency_key_reused,
    "rate_limited": rate_limited,
    "session_unknown": asked(method="GET", path=f"{SESSIONS}/nobody"),
    "run_execution_not_found": in_session(NO_RUN),
    "file_not_found": in_session(("GET", "/files/a", b"")),
    "session_busy": session_busy,
    "session_differs": session_differs,
    "not_running": not_running,
    "session_gone": in_session(("DELETE", "", b""), ("GET", "", b"")),
    "file_too_large": in_session(("PUT", "/files/a", bytes((1 << 20) + 1)), ("GET", "/files/a", b""),
                                 MAYFLY_OUTPUT_FILES_BYTES="1MiB", MAYFLY_OUTPUT_FILE_BYTES="1MiB"),
    "file_refused": in_session(("PUT", "/files/unwritable", b"x")),
    "session_limit": session_limit,
    "client_gone": client_gone,
    "internal_error": internal_error,
    "busy": busy,
    "memory_busy": memory_busy,
    "too_many_connections": too_many_connections,
    "engine_unavailable": engine_unavailable,
    "draining": draining,
}


def examples_of_errors(description):
    """(path, METHOD, status as it is written, name, value) of each. A status by itself hides 4XX and 5XX."""
    for path, method, operation in description.operations():
        for status, answer in operation["responses"].items():
            medium = dict(description.contents(answer)).get(PROBLEM, {})
            for name, value in description.examples(medium):
                if status == str(value["status"]) or str(value["status"]) not in operation["responses"]:
                    yield path, method, status, name, value


def codes():
    """Those that the code can send."""
    texts = [path.read_text("utf-8") for path in (ROOT / "gateway/front").rglob("*.c")]
    return {code for text in texts for code in re.findall(r'[.>]code = "([a-z_]+)"', text)}


def test_every_code_has_an_example_and_every_example_is_provoked(description):
    found = {name: value for *_, name, value in examples_of_errors(description)}
    assert found.keys() == PROVOKED.keys()
    assert {value["code"] for value in found.values()} == codes()


def test_no_code_is_hidden_from_the_test_above():
    """A problem's code is always written as a literal, next to its name."""
    for path in (ROOT / "gateway/front").rglob("*.c"):
        text = path.read_text("utf-8")
        assert len(re.findall(r"[.>]code = ", text)) == len(re.findall(r'[.>]code = "[a-z_]+"', text)), path.name


def test_an_example_stands_where_its_status_is(description):
    for path, method, status, name, value in examples_of_errors(description):
        assert re.fullmatch(status.replace("X", "[0-9]"), str(value["status"])), f"{method} {path}, {name}"
        assert name.endswith(value["code"]), name


@pytest.mark.parametrize("name", PROVOKED)
def test_an_error_is_answered_as_its_example(ground, description, name):
    answer = PROVOKED[name](ground)
    places = [(description.operation(method, path), value)
              for path, method, _, other, value in examples_of_errors(description) if other == name]
    assert places
    for operation, value in places:
        assert answer.json() == value
        assert description.faults_of_answer(operation, answer) == [], answer


@pytest.mark.parametrize("method, rest", [("GET", ""), ("DELETE", ""), ("GET", "/events")])
def test_each_path_of_an_execution_answers_the_same_errors(gateway, description, method, rest):
    path = f"{EXECUTIONS}/0123456789abcdef{rest}"
    answer = gateway.request(method, path)
    assert (answer.status, answer.json()["code"]) == (404, "execution_not_found")
    assert description.faults_of_answer(description.operation(method, path), answer) == []


def test_an_error_without_an_example_is_found_out(gateway, document, description):
    """This shows that the checks above can fail."""
    answer = PROVOKED["method_not_allowed"](Ground(None, gateway, description, None))
    lie = json.loads(json.dumps(document))
    del lie["components"]["responses"]["AnyRequest"]["content"][PROBLEM]["examples"]["method_not_allowed"]
    operation = lie["paths"]["/livez"]["get"]
    assert Description(lie).faults_of_answer(operation, answer) == ["405 method_not_allowed has no example"]
