"""Requests that the execute endpoint accepts and refuses, and the form of every answer."""

import json

import pytest

from gateway import EXECUTE

JSON = [("content-type", "application/json")]
MIB = 1 << 20


def ask(gateway, value, headers=JSON):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return gateway.request("POST", EXECUTE, body, headers)


def problem(response, status):
    """Check the form of an error (RFC 9457) and give its members."""
    assert response.status == status, response
    assert response.headers["content-type"] == "application/problem+json"
    members = response.json()
    assert members["status"] == status
    for name in ("type", "title", "detail"):
        assert isinstance(members[name], str) and members[name], members
    return members


def bad_fields(response):
    members = problem(response, 422)
    for error in members["errors"]:
        assert set(error) == {"field", "message"} and error["message"], error
    return [error["field"] for error in members["errors"]]


# ---- a good answer ----

KEYS = {
    "id": str, "status": str, "stdout": str, "stderr": str, "execution_time": float,
    "return_code": int, "signal": type(None), "reason": type(None), "message": type(None),
    "stdout_bytes": int, "stderr_bytes": int, "stdout_truncated": bool, "stderr_truncated": bool,
    "cpu_time": float, "peak_memory": int, "queue_time": float, "start": str,
    "files": list, "displays": list,
}


def test_an_answer_has_every_member_and_no_other(shared):
    response = ask(shared, {"code": "print('hi')"})
    assert response.status == 200
    assert response.headers["content-type"].startswith("application/json")
    answer = response.json()
    assert {name: type(value) for name, value in answer.items()} == KEYS
    assert answer["status"] == "success"
    assert answer["stdout"] == "hi\n" and answer["stdout_bytes"] == 3
    assert answer["return_code"] == 0 and answer["peak_memory"] == 9 * MIB
    assert answer["start"] in ("warm", "cold")
    assert len(answer["id"]) == 16 and int(answer["id"], 16) >= 0


def test_ids_differ(shared):
    ids = [shared.execute({})[1]["id"] for _ in range(5)]
    assert len(set(ids)) == 5


def test_defaults_reach_the_program(shared):
    _, answer = shared.execute({"echo": True})
    job = json.loads(answer["stdout"])
    assert job == {"runtime": "python", "timeout_ms": 5000, "args": [], "env": {}, "stdin": "",
                   "memory_bytes": 256 * MIB, "cpu_millis": 1000, "pids": 64, "output_bytes": MIB,
                   "cpu_time_ms": 0, "is_cell": False, "output_merged": False, "line_buffered": False,
                   "files": {}, "outputs": [], "files_bytes": 0, "file_bytes": 0}


def test_every_field_reaches_the_program(shared):
    status, answer = shared.execute(
        {"echo": True}, timeout=2.5, stdin="in\u00e9\n", args=["a", "", "ü b"],
        env={"A": "1", "B_2": "x=y"}, files=[{"path": "a/b", "content": "c"}], outputs=["*"],
        output="merged", buffering="block", mode="cell",
        limits={"memory_bytes": 64 * MIB, "cpus": 0.5, "cpu_time": 1.25, "pids": 32, "output_bytes": 4096})
    assert status == 200
    assert json.loads(answer["stdout"]) == {
        "runtime": "python", "timeout_ms": 2500, "args": ["a", "", "ü b"],
        "env": {"A": "1", "B_2": "x=y"}, "stdin": "in\u00e9\n", "memory_bytes": 64 * MIB,
        "cpu_time_ms": 1250, "is_cell": True, "output_merged": True, "line_buffered": False,
        "cpu_millis": 500, "pids": 32, "output_bytes": 4096, "files": {"a/b": "c"},
        "outputs": ["*"], "files_bytes": 8 * MIB, "file_bytes": 4 * MIB}


@pytest.mark.parametrize("fields", [
    {"timeout": 0.1}, {"timeout": 30}, {"timeout": 1.001}, {"limits": {"cpu_time": 0.1}}, {"limits": {"cpu_time": 30}},
    {"mode": "script"}, {"mode": "cell"}, {"output": "separate"}, {"output": "merged"}, {"buffering": "auto"}, {"buffering": "line"}, {"buffering": "block"},
     {"stdin": ""}, {"args": []}, {"env": {}},
    {"limits": {}}, {"limits": {"pids": 64}}, {"limits": {"output_bytes": 1}},
    {"output_encoding": "utf-8"}, {"stdin": "\x00"}, {"files": []}, {"outputs": []},
    {"files": [{"path": "x" * 255, "content": "\x00", "encoding": "utf-8"}]}, {"outputs": ["**"]},
], ids=json.dumps)
def test_the_edges_of_what_is_good(shared, fields):
    assert ask(shared, {"code": "print('hi')", **fields}).status == 200


def test_the_largest_code_is_taken(shared):
    code = '{"stdout":"big"}'
    response = ask(shared, {"code": code + " " * (MIB - len(code))})
    assert response.status == 200 and response.json()["stdout"] == "big"


# ---- every field, wrong in every way ----

WRONG = [
    ("code", value) for value in (None, 3, True, [], {}, "", "x" * (MIB + 1), "é" * (MIB // 2 + 1))
] + [
    ("timeout", value) for value in (0, 0.0999, 30.001, 31, -1, 1e300, "5", None, True, [], {})
] + [
    ("stdin", value) for value in (3, None, True, [], {})
] + [
    ("args", value) for value in ("x", 3, None, {}, True)
] + [
    ("env", value) for value in ("x", 3, None, [], True)
] + [
    ("limits", value) for value in ("x", 3, None, [], True)
] + [
    ("output_encoding", value) for value in ("utf-16", "", 3, None, [], True)
] + [
    (name, value) for name in ("output", "buffering") for value in ("both", "Auto", "", 3, None, [], True)
]

WRONG_INSIDE = [
    ("args", [1]), ("args", ["a", None]), ("args", ["a\0b"]), ("args", [["a"]]),
    ("env", {"A": 1}), ("env", {"A": None}), ("env", {"": "x"}), ("env", {"A=B": "x"}),
    ("env", {"A": "x\0y"}),
    ("limits", {"memory_bytes": 1}), ("limits", {"memory_bytes": 1 << 50}),
    ("limits", {"memory_bytes": "64m"}), ("limits", {"memory_bytes": 67108864.5}),
    ("limits", {"memory_bytes": -1}), ("limits", {"memory_bytes": None}),
    ("limits", {"cpus": 0}), ("limits", {"cpus": 4096}), ("limits", {"cpus": "1"}),
    ("limits", {"cpu_time": 0}), ("limits", {"cpu_time": 0.099}), ("limits", {"cpu_time": 1e9}),
    ("limits", {"cpu_time": "1"}), ("limits", {"cpu_time": None}),
    ("limits", {"cpus": -1}), ("limits", {"pids": 0}), ("limits", {"pids": -1}),
    ("limits", {"pids": 1 << 40}), ("limits", {"pids": 16.5}), ("limits", {"pids": True}),
    ("limits", {"output_bytes": 0}), ("limits", {"output_bytes": 1 << 50}),
    ("limits", {"output_bytes": []}), ("limits", {"disk": 5}),
]


def _short(value):
    return json.dumps(value)[:30]


@pytest.mark.parametrize("field, value", WRONG, ids=_short)
def test_a_wrong_field_is_named(shared, field, value):
    assert bad_fields(ask(shared, {"code": "x", field: value})) == [field]


@pytest.mark.parametrize("field, value", WRONG_INSIDE, ids=_short)
def test_a_wrong_value_inside_a_field_is_named(shared, field, value):
    names = bad_fields(ask(shared, {"code": "x", field: value}))
    assert len(names) == 1 and names[0].startswith(field), names
    if field == "limits":
        assert names == ["limits." + next(iter(value))]


def test_code_is_required(shared):
    assert bad_fields(ask(shared, {})) == ["code"]


def test_unknown_fields_are_named(shared):
    assert bad_fields(ask(shared, {"code": "x", "Code": "y"})) == ["Code"]


def test_all_bad_fields_are_named_at_once(shared):
    response = ask(shared, {"timeout": 99, "stdin": 1, "what": 2, "limits": {"pids": 0, "cpus": "a"}})
    assert set(bad_fields(response)) == {"code", "timeout", "stdin", "what", "limits.pids",
                                         "limits.cpus"}


def test_the_message_tells_the_range(shared):
    errors = problem(ask(shared, {"code": "x", "timeout": 31}), 422)["errors"]
    assert errors == [{"field": "timeout", "message": "must be between 0.1 and 30"}]


# ---- what is no request ----

MALFORMED = [
    b"", b"{", b'{"code":"x"', b'{"code":"x"} x', b"{'code':'x'}", b'{"code":NaN}', b"nul",
    b'{"code":"x","code":"y"}', b'{"code":"a\nb"}', b'{"code":"\xff"}', b'{"code":"\xc0\xaf"}',
    b'{"code":"\xed\xa0\x80"}', b'{"code":"\\ud800"}', b'{"code\\u0000x":"y"}', b'{"code":"x"}\0',
    b'{"code":"x",}', b'{"a":' * 100 + b"1" + b"}" * 100, b"[" * 100000, b'{"code":01}',
    b"\xef\xbb\xbf{}", b'{"timeout":1e999,"code":"x"}x',
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body)[:40])
def test_malformed_json_is_400(shared, body):
    problem(ask(shared, body), 400)


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"3", b"null", b"true"])
def test_json_that_is_no_object_is_refused(shared, body):
    response = ask(shared, body)
    assert response.status in (400, 422), response
    problem(response, response.status)


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "", "json",
                                   "application/jsonx", "application/problem+json"])
def test_another_media_type_is_415(shared, media):
    problem(ask(shared, b'{"code":"x"}', [("content-type", media)]), 415)


def test_no_media_type_is_415(shared):
    problem(ask(shared, b'{"code":"x"}', []), 415)


@pytest.mark.parametrize("media", ["application/json", "Application/JSON",
                                   "application/json; charset=utf-8"])
def test_json_by_any_spelling_is_taken(shared, media):
    assert ask(shared, b'{"code":"x"}', [("content-type", media)]).status == 200


def test_a_body_over_the_limit_is_413_before_it_has_come(shared):
    with shared.client() as client:
        client.socket.sendall(b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\n"
                              b"content-type: application/json\r\ncontent-length: 9437184\r\n\r\n{")
        problem(client.receive(), 413)


def test_a_chunked_body_over_the_limit_is_413(shared):
    with shared.client() as client:
        client.socket.sendall(b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\n"
                              b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
                              b"900000\r\n")
        try:
            client.socket.sendall(b" " * (9 * MIB))
        except ConnectionError:
            pass
        problem(client.receive(), 413)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_405_with_allow(shared, method):
    response = shared.request(method, EXECUTE)
    problem(response, 405)
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("path, methods", {EXECUTE: "POST, OPTIONS", "/health": "GET, HEAD, OPTIONS"}.items())
def test_options_tell_the_methods(shared, path, methods):
    with shared.client() as client:
        response = client.request("OPTIONS", path)
        assert response.status == 204 and response.headers["allow"] == methods
        assert "content-length" not in response.headers and "content-type" not in response.headers
        assert client.request("GET", "/livez").status == 200


@pytest.mark.parametrize("path", ["/api", "/api/v1/", "/api/v1/execut", "/api/v1/execute/", "/health/x",
                                  "/api/v2/execute"])
def test_an_unknown_path_is_404(shared, path):
    problem(shared.request("GET", path), 404)


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_the_health_pages_answer(shared, path):
    response = shared.request("GET", path)
    assert response.status == 200
    if path == "/health":
        assert response.json()["status"] == "healthy"


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_health_by_a_wrong_method_is_405(shared, path):
    response = shared.request("POST", path)
    problem(response, 405)
    assert "GET" in response.headers["allow"]


# ---- the connection ----

def until_closed(client):
    """All that comes until the gateway closes; a connection left open is a timeout and fails the test."""
    seen = b""
    try:
        while data := client.socket.recv(65536):
            seen += data
    except ConnectionError:
        pass
    return seen


def test_a_connection_serves_many_requests(shared):
    with shared.client() as client:
        for number in range(5):
            response = client.post({"code": json.dumps({"stdout": str(number)})}).receive()
            assert response.json()["stdout"] == str(number)
        assert client.request("GET", "/livez").status == 200


def test_errors_keep_the_connection(shared):
    with shared.client() as client:
        assert client.post(b"{").receive().status == 400
        assert client.post({"code": ""}).receive().status == 422
        assert client.request("GET", "/nowhere").status == 404
        assert client.post({"code": "x"}).receive().status == 200


def test_pipelined_requests_are_answered_in_order(shared):
    with shared.client() as client:
        for number in range(4):
            sleep = 40 - 10 * number
            client.post({"code": json.dumps({"sleep_ms": sleep, "stdout": str(number)})})
        assert [client.receive().json()["stdout"] for _ in range(4)] == ["0", "1", "2", "3"]


def test_a_chunked_body_is_taken(shared):
    body = b'{"code":"x"}'
    with shared.client() as client:
        client.socket.sendall(b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\n"
                              b"content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
                              b"5\r\n%s\r\n7\r\n%s\r\n0\r\n\r\n" % (body[:5], body[5:]))
        assert client.receive().status == 200


def test_a_request_in_single_bytes_is_taken(shared):
    body = b'{"code":"x"}'
    request = (b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
               b"content-length: %d\r\n\r\n%s" % (len(body), body))
    with shared.client() as client:
        for byte in request:
            client.socket.sendall(bytes([byte]))
        assert client.receive().status == 200


AMBIGUOUS = {
    "two lengths": b"content-length: 12\r\ncontent-length: 13\r\n",
    "length and chunked": b"content-length: 12\r\ntransfer-encoding: chunked\r\n",
    "signed length": b"content-length: +12\r\n",
    "length of words": b"content-length: 12, 12\r\n",
    "chunked twice": b"transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n",
    "another coding": b"transfer-encoding: gzip, chunked\r\n",
    "space before the colon": b"content-length : 12\r\n",
    "folded line": b"content-length: 12\r\n x: y\r\n",
}


@pytest.mark.parametrize("lines", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_framing_is_refused_and_the_connection_closed(shared, lines):
    with shared.client(timeout=5) as client:
        client.socket.sendall(b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\n"
                              b"content-type: application/json\r\n" + lines +
                              b"\r\n" + b'{"code":"x"}' + b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")
        seen = until_closed(client)
    assert seen.count(b"HTTP/1.1 ") <= 1
    assert not seen or seen.startswith(b"HTTP/1.1 400 "), seen


def test_a_slow_head_is_cut_off(start):
    gateway = start(MAYFLY_HEADER_TIMEOUT_MS=1000)
    with gateway.client(timeout=5) as client:
        client.socket.sendall(b"POST /api/v1/execute HTTP/1.1\r\nhost: localhost\r\n")
        answer = until_closed(client)
    assert not answer or answer.startswith(b"HTTP/1.1 408 ")


def test_http2_is_not_spoken(shared):
    with shared.client(timeout=5) as client:
        client.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9))
        answer = until_closed(client)
    assert not answer or answer.startswith(b"HTTP/1.1 4"), answer
