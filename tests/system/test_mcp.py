"""POST /mcp: requests and answers of the Model Context Protocol, in both generations."""

import base64
import json

import pytest

import mcp
from gateway import Client, Gateway
from helpers import bearer, entry, gated, running, settled

TOOLS = ["run_python", "list_runtimes", "session_open", "session_run", "session_files", "session_close"]
PNG = b"\x89PNG\r\n\x1a\n plot"
ERRORS = {"parse": -32700, "request": -32600, "method": -32601, "params": -32602, "header": -32020, "version": -32022}


def is_error(answer, status, code, number=1):
    """Its body is one JSON-RPC error; number None: that has no id."""
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/json"
    said = answer.json()
    assert said["jsonrpc"] == "2.0" and "result" not in said
    assert said["error"]["code"] == ERRORS[code] and said["error"]["message"], said
    assert said.get("id") == number and ("id" in said) == (number is not None)
    return said["error"]


def eras():
    """Requests of each revision: a function of gateway, method and parameters."""
    yield mcp.MODERN, mcp.call
    for version in mcp.LEGACY:
        yield version, lambda *given, version=version, **named: mcp.old(*given, version=version, **named)


each_era = pytest.mark.parametrize("version, ask", list(eras()), ids=mcp.VERSIONS)


# ---- the old era's handshake ----

@pytest.mark.parametrize("version", mcp.LEGACY)
def test_a_handshake_agrees_on_the_clients_revision(shared, version):
    wanted = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    answer = mcp.ask(shared, mcp.message("initialize", wanted, "first"))
    assert answer.status == 200 and answer.json()["id"] == "first"
    result = answer.json()["result"]
    assert result["protocolVersion"] == version
    assert result["capabilities"] == {"tools": {}}
    assert result["serverInfo"]["name"] == "mayfly" and result["serverInfo"]["version"] and result["instructions"]
    assert "resultType" not in result and "mcp-session-id" not in answer.headers
    said = mcp.ask(shared, mcp.message("notifications/initialized", number=None), [("mcp-protocol-version", version)])
    assert (said.status, said.body) == (202, b"")


@pytest.mark.parametrize("version", ["2024-11-05", "2099-01-01", mcp.MODERN])
def test_a_handshake_with_another_revision_offers_the_newest(shared, version):
    answer = mcp.ask(shared, mcp.message("initialize", {"protocolVersion": version, "capabilities": {}}))
    assert answer.json()["result"]["protocolVersion"] == "2025-11-25"


def test_a_handshake_without_a_revision_is_refused(shared):
    is_error(mcp.ask(shared, mcp.message("initialize", {"capabilities": {}})), 200, "params")


@pytest.mark.parametrize("version", [None, *mcp.LEGACY])
def test_ping(shared, version):
    assert mcp.old(shared, "ping", version=version).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


# ---- the new era's discovery ----

def test_discovery(shared):
    answer = mcp.call(shared, "server/discover", number="d")
    assert answer.status == 200 and answer.json()["id"] == "d"
    result = answer.json()["result"]
    assert result["resultType"] == "complete"
    assert result["supportedVersions"] == mcp.VERSIONS
    assert result["capabilities"] == {"tools": {}} and result["instructions"]
    assert result["ttlMs"] >= 0 and result["cacheScope"] == "private"
    assert result["_meta"][mcp.META + "serverInfo"]["name"] == "mayfly"


@pytest.mark.parametrize("method", ["initialize", "ping", "logging/setLevel", "resources/list", "nothing", "Tools/list"])
def test_a_method_that_the_new_era_does_not_have_is_404(shared, method):
    is_error(mcp.call(shared, method, {"protocolVersion": mcp.MODERN}), 404, "method")


@pytest.mark.parametrize("method", ["logging/setLevel", "prompts/list", "nothing", "notifications/initialized"])
def test_a_method_that_the_old_era_does_not_have_is_200(shared, method):
    assert method in is_error(mcp.old(shared, method), 200, "method")["message"]


# ---- the new era's headers ----

def test_the_revision_of_header_and_body_must_agree(shared):
    body = mcp.modern("tools/list")
    method = ("mcp-method", "tools/list")
    for version in (None, "2025-11-25", "2026-07-29", ""):
        is_error(mcp.ask(shared, body, [("mcp-protocol-version", version), method]), 400, "header")


@pytest.mark.parametrize("version", ["1900-01-01", "2099-01-01", "2025-11-25", "x" * 100])
def test_an_unknown_revision_is_refused_with_those_that_are_known(shared, version):
    body = mcp.modern("tools/list", version=version)
    error = is_error(mcp.ask(shared, body, mcp.headers_of(body, version)), 400, "version")
    assert error["data"] == {"supported": mcp.VERSIONS, "requested": version[:31]}


@pytest.mark.parametrize("version", ["1900-01-01", "2099-01-01", "2024-11-05", "latest", ""])
def test_an_unknown_revision_in_the_header_alone_is_refused(shared, version):
    error = is_error(mcp.old(shared, "tools/list", version=version), 400, "version")
    assert error["data"]["requested"] == version


@pytest.mark.parametrize("missing", ["protocolVersion", "clientCapabilities"])
def test_a_request_of_the_new_era_must_say_what_its_client_can(shared, missing):
    body = mcp.modern("tools/list")
    del body["params"]["_meta"][mcp.META + missing]
    assert missing in is_error(mcp.ask(shared, body, mcp.headers_of(body)), 400, "params")["message"]


def test_the_method_of_header_and_body_must_agree(shared):
    body = mcp.modern("tools/list")
    version = ("mcp-protocol-version", mcp.MODERN)
    for method in (None, "tools/call", "TOOLS/LIST", ""):
        is_error(mcp.ask(shared, body, [version, ("mcp-method", method)]), 400, "header")
    assert mcp.ask(shared, body, [version, ("MCP-METHOD", "  tools/list ")]).status == 200


def test_the_name_of_header_and_body_must_agree(shared):
    body = mcp.modern("tools/call", {"name": "list_runtimes"})
    usual = mcp.headers_of(body)[:2]
    encoded = base64.b64encode(b"list_runtimes").decode()
    for name in (None, "run_python", "", "List_runtimes", f"=?base64?{encoded[:-1]}?=", f"=?BASE64?{encoded}?="):
        is_error(mcp.ask(shared, body, [*usual, ("mcp-name", name)]), 400, "header")
    for name in ("list_runtimes", f"=?base64?{encoded}?="):
        assert mcp.ask(shared, body, [*usual, ("mcp-name", name)]).status == 200


# ---- the envelope ----

@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'{"jsonrpc":"2.0","id":1,"id":2}', b"[" * 100 + b"]" * 100,
                                  b'{"a":' * 100 + b"1" + b"}" * 100, b'"\xff"'])
def test_what_is_no_json_is_a_parse_error(shared, body):
    is_error(mcp.ask(shared, body), 400, "parse", None)


@pytest.mark.parametrize("body", [
    1, "ping", None, True, {}, {"jsonrpc": "2.0"}, {"jsonrpc": "1.0", "method": "ping"}, {"method": "ping"},
    {"jsonrpc": 2.0, "method": "ping"}, {"jsonrpc": "2.0", "method": 1}, {"jsonrpc": "2.0", "method": None},
    {"jsonrpc": "2.0", "method": "ping", "id": None}, {"jsonrpc": "2.0", "method": "ping", "id": 1.5},
    {"jsonrpc": "2.0", "method": "ping", "id": {}}, {"jsonrpc": "2.0", "method": "ping", "id": "x" * 300},
    {"jsonrpc": "2.0", "method": "ping", "id": True}])
def test_what_is_no_message_is_an_invalid_request(shared, body):
    is_error(mcp.ask(shared, body), 400, "request", None)


def test_an_error_has_the_id_where_that_can_be_read(shared):
    is_error(mcp.ask(shared, {"jsonrpc": "2.0", "id": "a"}), 400, "request", "a")
    is_error(mcp.ask(shared, {"jsonrpc": "2.0", "id": 7, "method": "ping", "params": []}), 400, "params", 7)


@pytest.mark.parametrize("number", [0, -1, 1, 2**53, -2**63, "", "1", "\u00e9\n\"\\", "x" * 256])
def test_an_id_comes_back_as_it_was(shared, number):
    said = mcp.old(shared, "ping", number=number).json()
    assert said["id"] == number and type(said["id"]) is type(number)


@pytest.mark.parametrize("method", ["notifications/initialized", "notifications/cancelled", "notifications/none"])
def test_a_notification_is_202_without_a_body(shared, method):
    for body in (mcp.message(method, number=None), mcp.message(method, {}, None), mcp.modern(method, {}, None)):
        answer = mcp.ask(shared, body)
        assert (answer.status, answer.body) == (202, b"") and "content-type" not in answer.headers


def test_a_response_is_taken_in_the_old_era_alone(shared):
    for body in ({"jsonrpc": "2.0", "id": 3, "result": {}}, {"jsonrpc": "2.0", "id": 3, "error": {"code": 1, "message": ""}}):
        answer = mcp.ask(shared, body, [("mcp-protocol-version", "2025-06-18")])
        assert (answer.status, answer.body) == (202, b"")
        is_error(mcp.ask(shared, body, [("mcp-protocol-version", mcp.MODERN)]), 400, "request", 3)


# ---- HTTP ----

def test_both_kinds_of_answers_must_be_taken(shared):
    body = mcp.message("ping")
    for accept in ("", "application/json", "text/event-stream", "text/html", "application/json;q=0, text/event-stream"):
        answer = mcp.ask(shared, body, [("accept", accept)])
        is_error(answer, 406, "request", None)
    for accept in (None, "text/event-stream, application/json", "*/*", "application/*, text/*;q=0.1"):
        assert mcp.ask(shared, body, [("accept", accept)]).status == 200


def test_the_body_must_be_json(shared):
    body = mcp.message("ping")
    for kind in (None, "text/plain", "application/json; charset=latin-1"):
        is_error(mcp.ask(shared, body, [("content-type", kind)]), 415, "request", None)
    is_error(mcp.ask(shared, body, [("content-encoding", "gzip")]), 415, "request", None)
    assert mcp.ask(shared, body, [("content-type", "application/json; charset=utf-8")]).status == 200


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
def test_there_is_no_stream_and_no_session(shared, method):
    answer = shared.request(method, mcp.PATH, headers=[("accept", "text/event-stream"), ("mcp-session-id", "x")])
    assert answer.status == 405 and answer.headers["allow"] == "POST, OPTIONS"


def test_a_session_and_a_place_in_a_stream_are_ignored(shared):
    answer = mcp.old(shared, "ping", headers=[("mcp-session-id", "made-up"), ("last-event-id", "7"),
                                              ("idempotency-key", "\tnone")])
    assert answer.status == 200 and "mcp-session-id" not in answer.headers


def test_a_body_over_the_limit_is_413(start):
    gateway = start(MAYFLY_MAX_BODY_BYTES=65536)
    assert mcp.ask(gateway, mcp.message("ping", {"x": "y" * 70000})).status == 413
    assert mcp.old(gateway, "ping").status == 200


def test_a_body_of_many_values_is_refused(shared):
    is_error(mcp.ask(shared, mcp.message("ping", {"x": [0] * 70000})), 400, "parse", None)


# ---- batches ----

@pytest.mark.parametrize("version", [None, "2025-03-26"])
def test_the_oldest_revision_has_batches(engine, start, version):
    gateway = start()
    batch = [mcp.message("ping", number="a"), mcp.message("notifications/initialized", number=None),
             mcp.old_run_body({"stdout": "one\n"}, 2), mcp.message("none", number=3), 7,
             mcp.message("initialize", {"protocolVersion": "2025-03-26"}, 4), mcp.old_run_body({"stdout": "two\n"}, 5),
             mcp.message("tools/list", number=6)]
    answer = mcp.ask(gateway, batch, [("mcp-protocol-version", version)])
    assert answer.status == 200
    said = answer.json()
    assert [each.get("id") for each in said] == ["a", 2, 3, None, 4, 5, 6]
    assert said[0]["result"] == {} and said[1]["result"]["structuredContent"]["stdout"] == "one\n"
    assert [said[i]["error"]["code"] for i in (2, 3, 4, 5, 6)] == [-32601, -32600, -32600, -32600, -32600]
    assert len(engine.runs) == 1
    said = mcp.ask(gateway, [mcp.message("tools/list", number=1), mcp.message("tools/list", number=2)]).json()
    assert said[0]["result"]["tools"] and said[1]["error"]["code"] == -32600


def test_a_batch_of_notifications_is_202(shared):
    batch = [mcp.message("notifications/initialized", number=None), {"jsonrpc": "2.0", "id": 1, "result": {}}]
    answer = mcp.ask(shared, batch)
    assert (answer.status, answer.body) == (202, b"")


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", mcp.MODERN])
def test_no_later_revision_has_batches(shared, version):
    is_error(mcp.ask(shared, [mcp.message("ping")], [("mcp-protocol-version", version)]), 400, "request", None)


@pytest.mark.parametrize("batch", [[], [{"jsonrpc": "2.0", "method": "ping", "id": 1}] * 17])
def test_a_batch_has_messages_but_not_any_number(shared, batch):
    is_error(mcp.ask(shared, batch), 400, "request", None)


def test_a_batch_holds_no_message_of_the_new_era(shared):
    said = mcp.ask(shared, [mcp.modern("tools/list"), mcp.message("ping", number=2)]).json()
    assert said[0]["error"] and said[1]["result"] == {}


# ---- the tools ----

@each_era
def test_the_tools_are_listed_in_a_fixed_order(shared, version, ask):
    first, second = (ask(shared, "tools/list").json()["result"] for _ in range(2))
    assert first == second and [tool["name"] for tool in first["tools"]] == TOOLS
    assert ("ttlMs" in first, "cacheScope" in first, "resultType" in first) == (version == mcp.MODERN,) * 3
    assert "nextCursor" not in first
    for tool in first["tools"]:
        assert tool["title"] and tool["description"] and tool["inputSchema"]["type"] == "object"
        assert tool["outputSchema"]["type"] == "object" and "openWorldHint" in tool["annotations"]
        assert '"type": [' not in json.dumps(tool), "no host may find a list of types"


def test_a_list_tells_the_limits_of_the_caller(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one"), entry("two", max_timeout=2)), MAYFLY_TIMEOUT_MS=1500)
    for key, most in (("one", 30), ("two", 2)):
        tools = mcp.call(gateway, "tools/list", headers=[bearer(key)]).json()["result"]["tools"]
        timeout = tools[0]["inputSchema"]["properties"]["timeout"]
        assert (timeout["default"], timeout["maximum"]) == (1.5, most)


def test_there_is_one_page_of_tools(shared):
    is_error(mcp.call(shared, "tools/list", {"cursor": "2"}), 200, "params")


@each_era
def test_an_unknown_tool_is_an_error(shared, version, ask):
    error = is_error(ask(shared, "tools/call", {"name": "run_ruby", "arguments": {}}), 200, "params")
    assert "run_ruby" in error["message"]


@each_era
def test_a_malformed_call_is_an_error(shared, version, ask):
    is_error(ask(shared, "tools/call", {"arguments": {}}), 200, "params")
    is_error(ask(shared, "tools/call", {"name": 1}), 200, "params")
    is_error(ask(shared, "tools/call", {"name": "run_python", "arguments": []}), 200, "params")
    is_error(ask(shared, "tools/call", {"name": "run_python", "_meta": {"progressToken": 1.5}}), 200, "params")


@each_era
def test_the_runtimes_are_listed(shared, version, ask):
    result = ask(shared, "tools/call", {"name": "list_runtimes", "arguments": {}}).json()["result"]
    native = shared.request("GET", "/api/v1/runtimes").json()
    names = [runtime["name"] for runtime in native["runtimes"]]
    assert [runtime["name"] for runtime in result["structuredContent"]["runtimes"]] == names
    assert result["structuredContent"]["runtimes"][0]["limits"] == native["runtimes"][0]["limits"]
    assert result["isError"] is False and f"{names[0]} (the default): " in mcp.texts(result)[0]


# ---- run_python ----

@each_era
def test_a_program_runs(shared, version, ask):
    params = {"name": "run_python", "arguments": mcp.arguments({"stdout": "one\n", "stderr": "two\n"})}
    answer = ask(shared, "tools/call", params)
    result = answer.json()["result"]
    assert answer.headers["content-length"] == str(len(answer.body))
    assert mcp.texts(result) == ["one\n", "stderr:\ntwo\n"] and result["isError"] is False
    content = result["structuredContent"]
    assert (content["status"], content["stdout"], content["stderr"], content["return_code"]) == (
        "success", "one\n", "two\n", 0)
    if version == mcp.MODERN:
        assert result["resultType"] == "complete" and result["_meta"][mcp.META + "serverInfo"]["name"] == "mayfly"


def test_its_structured_content_is_the_answer_of_the_api(shared):
    directive = {"stdout": "a\u00e9</script>\n", "stderr": "\u2028", "exit": 1, "files": [["out.csv", "1,2"]]}
    code = json.dumps(directive)
    native = shared.execute(code, outputs=["*"])[1]
    content = mcp.run(shared, code, outputs=["*"])["structuredContent"]
    varying = ("id", "execution_time", "queue_time", "start", "cpu_time")
    assert list(content) == list(native)
    assert [(name, value) for name, value in content.items() if name not in varying] == [
        (name, value) for name, value in native.items() if name not in varying]


def test_its_arguments_are_those_of_the_api(shared):
    result = mcp.run(shared, {"echo": True}, stdin="in", files=[{"path": "a/b.txt", "content": "eA==", "encoding": "base64"}],
                     outputs=["*.csv"], timeout=2.5, runtime="python")
    job = json.loads(result["structuredContent"]["stdout"])
    assert (job["stdin"], job["files"], job["outputs"], job["timeout_ms"], job["runtime"]) == (
        "in", {"a/b.txt": "x"}, ["*.csv"], 2500, "python")
    assert job["line_buffered"] is False


def test_wrong_arguments_are_a_result_that_names_each(shared):
    result = mcp.run(shared, "", timeout=1000, runtime="ruby", env={}, files=[{"path": "../x", "content": ""}])
    assert result["isError"] is True
    content = result["structuredContent"]
    assert (content["status"], content["reason"], content["code"]) == ("failed", "not_started", "invalid_request")
    assert [error["field"] for error in content["errors"]] == ["code", "timeout", "runtime", "env", "files[0].path"]
    for error in content["errors"]:
        assert f"{error['field']} {error['message']}" in mcp.texts(result)[0]


@pytest.mark.parametrize("given", [{}, {"arguments": {}}, {"arguments": None}])
def test_a_call_without_a_program_says_so(shared, given):
    result = mcp.call(shared, "tools/call", {"name": "run_python", **given}).json()["result"]
    assert result["isError"] is True and "code is required" in mcp.texts(result)[0]


@pytest.mark.parametrize("directive, status, words", [
    ({"exit": 3}, "error", "The program ended with exit code 3."),
    ({"signal": 11}, "error", "The program was ended by the signal SIGSEGV."),
    ({"oom": True}, "error", "The program needed more memory than its limit of 268435456 bytes. Let the program hold less"),
    ({"cpu_time": True}, "timeout", "Let the program do less."),
    ({"lose": "after_started"}, "failed", "Call again."),
    ({}, "success", "The program ended without output. Print what you want to see."),
    ({"files": [["out.csv", "1,2"], ["b", "", 9]]}, "success", "Files: out.csv (3 bytes), b (9 bytes)."),
])
def test_the_end_is_told_in_words(shared, directive, status, words):
    result = mcp.run(shared, directive, outputs=["*"])
    assert words in mcp.texts(result)[-1], result
    assert result["isError"] is (status != "success")
    assert result["structuredContent"]["status"] == status


def test_a_timeout_is_told_in_words(shared):
    result = mcp.run(shared, {"stdout": "so far\n", "gate": "never"}, timeout=0.2)
    assert result["isError"] is True and result["structuredContent"]["status"] == "timeout"
    first, last = mcp.texts(result)
    assert first == "so far\n" and last.startswith("Execution timed out after 0.2 seconds")
    assert last.endswith("Let the program do less, or give it a larger timeout.")


def test_cut_output_is_told_in_words(start):
    gateway = start(MAYFLY_OUTPUT_BYTES=1000)
    result = mcp.run(gateway, {"flood_bytes": 5000})
    assert mcp.texts(result) == ["x" * 1000, "Output is cut at 1000 bytes per stream. Let the program print less."]
    assert result["isError"] is False and result["structuredContent"]["stdout_truncated"] is True


def encoded(data):
    return base64.b64encode(data).decode()


def test_plots_are_images_and_are_sent_once(shared):
    displays = [["image/png", encoded(PNG)], ["text/html", encoded(b"<b>x</b>")], ["image/jpeg", encoded(b"plain")],
                ["image/svg+xml", encoded(b"<svg/>")], ["application/pdf", encoded(b"\xff\xfe")]]
    result = mcp.run(shared, {"stdout": "hi\n", "displays": displays})
    assert result["content"] == [
        {"type": "text", "text": "hi\n"},
        {"type": "image", "data": encoded(PNG), "mimeType": "image/png"},
        {"type": "text", "text": "<b>x</b>"},
        {"type": "image", "data": encoded(b"plain"), "mimeType": "image/jpeg"},
        {"type": "text", "text": "<svg/>"},
        {"type": "text", "text": "A display of the type application/pdf, with 2 bytes, cannot be shown."}]
    assert result["structuredContent"]["displays"][:2] == [{"media_type": "image/png", "size_bytes": len(PNG)},
                                                          {"media_type": "text/html", "size_bytes": 8}]


def test_a_long_answer_is_whole(shared):
    result = mcp.run(shared, {"flood": ["\u20ac", 300000], "displays": [["image/png", encoded(PNG * 20000)]]})
    content = result["structuredContent"]
    assert content["stdout"] == content["stderr"] == "\u20ac" * 300000
    assert mcp.texts(result) == [content["stdout"], "stderr:\n" + content["stderr"]]
    assert base64.b64decode(result["content"][2]["data"]) == PNG * 20000


def test_a_full_queue_is_a_result_that_says_when_to_call_again(engine, start):
    gateway = start(MAYFLY_MAX_BOXES=1, MAYFLY_WARM=1, MAYFLY_MAX_WAITING=0)
    settled(engine, 1)
    client = gateway.post(gated("g"))
    running(engine, 1)
    result = mcp.run(gateway, {})
    assert result["isError"] is True and result["structuredContent"]["status"] == "failed"
    assert result["structuredContent"]["reason"] == "not_started" and "did not run" in mcp.texts(result)[0]
    engine.open("g")
    assert client.receive().status == 200


def test_a_key_that_is_used_up_is_a_result(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one", max_runs=1)))
    client = gateway.post(gated("g"), headers=[bearer("one")])
    running(engine, 1)
    result = mcp.run(gateway, {}, headers=[bearer("one")])
    assert result["isError"] is True and "did not run" in mcp.texts(result)[0]
    assert result["structuredContent"]["code"] and result["structuredContent"]["retry_after"] >= 1
    engine.open("g")
    assert client.receive().status == 200


# ---- progress ----

@pytest.mark.parametrize("token", ["t\u00e9\"", 0, -5])
@pytest.mark.parametrize("is_modern", [True, False])
def test_progress_is_told_to_a_client_that_wants_it(engine, gateway, token, is_modern):
    directive = {"stdout": "step 1\nstep 2\n\n", "gate": "g"}
    if is_modern:
        body = mcp.run_body(directive, 9, token, timeout=20)
        headers = mcp.headers_of(body)
    else:
        body, headers = mcp.old_run_body(directive, 9, token, timeout=20), [("mcp-protocol-version", "2025-06-18")]
    with mcp.Messages(mcp.send(gateway, body, headers)) as messages:
        assert messages.status == 200 and messages.headers["x-accel-buffering"] == "no"
        seen = messages.until(lambda said: said["params"]["message"] == "step 2")
        assert engine.runs[0].job.line_buffered
        engine.open("g")
        *more, last = list(messages)
    told = [said["params"] for said in [*seen, *more]]
    assert all(said["method"] == "notifications/progress" and "id" not in said for said in seen)
    assert all(each["progressToken"] == token and type(each["progressToken"]) is type(token) for each in told)
    assert [each["message"] for each in told[:2]] == ["Waiting for a sandbox", "Running"]
    values = [each["progress"] for each in told]
    assert values == sorted(set(values)), "it rises"
    assert last["id"] == 9 and last["result"]["structuredContent"]["stdout"] == "step 1\nstep 2\n\n"


def test_no_progress_is_told_unasked(shared):
    body = mcp.run_body({"stdout": "hi\n"})
    answer = mcp.ask(shared, body, mcp.headers_of(body))
    assert answer.headers["content-type"] == "application/json"


def test_a_refused_run_with_a_token_is_a_result(shared):
    body = mcp.run_body("", token=1)
    answer = mcp.ask(shared, body, mcp.headers_of(body))
    assert answer.json()["result"]["isError"] is True


# ---- the end of a call ----

@pytest.mark.parametrize("token", [None, 1])
@pytest.mark.parametrize("is_modern", [True, False])
def test_a_hang_up_ends_the_program(engine, gateway, is_modern, token):
    directive = {"gate": "never"}
    body = mcp.run_body(directive, 1, token, timeout=20) if is_modern else mcp.old_run_body(directive, 1, token, timeout=20)
    client = mcp.send(gateway, body, mcp.headers_of(body) if is_modern else [])
    running(engine, 1)
    client.hang_up()
    engine.wait(lambda: engine.runs[0].end == "canceled", "the program is ended")


def cancel(gateway, number, headers=()):
    answer = mcp.ask(gateway, mcp.message("notifications/cancelled", {"requestId": number, "reason": "enough"}, None), headers)
    assert (answer.status, answer.body) == (202, b"")


@pytest.mark.parametrize("token", [None, 1])
@pytest.mark.parametrize("number", [0, "seven"])
def test_a_notification_ends_the_program_in_the_old_era(engine, gateway, number, token):
    with mcp.send(gateway, mcp.old_run_body({"gate": "never"}, number, token, timeout=20)) as client:
        running(engine, 1)
        cancel(gateway, "0" if number == 0 else 7)
        running(engine, 1)
        cancel(gateway, number)
        engine.wait(lambda: engine.runs[0].end == "canceled", "the program is ended")
        if token is None:  # nobody waits for an answer any more
            answer = client.receive()
            assert (answer.status, answer.body) == (202, b"")
        else:
            assert all(said["method"] == "notifications/progress" for said in mcp.Messages(client))
    cancel(gateway, number)


def test_a_canceled_call_of_a_batch_is_answered_with_the_others(engine, gateway):
    batch = [mcp.old_run_body({"gate": "never"}, 1, timeout=20), mcp.message("ping", number=2)]
    with mcp.send(gateway, batch) as client:
        running(engine, 1)
        cancel(gateway, 1)
        said = client.receive().json()
    assert said[0]["result"]["isError"] is True and "canceled" in mcp.texts(said[0]["result"])[0]
    assert said[1] == {"jsonrpc": "2.0", "id": 2, "result": {}}


def test_a_notification_of_another_key_ends_nothing(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one"), entry("two")))
    with mcp.send(gateway, mcp.old_run_body({"gate": "g"}, 1, timeout=20), [bearer("one")]) as client:
        running(engine, 1)
        cancel(gateway, 1, [bearer("two")])
        engine.open("g")
        assert client.receive().json()["result"]["isError"] is False


def test_a_notification_from_another_address_ends_nothing(engine, gateway):
    with Client(gateway.address, source=("127.0.0.2", 0)) as client:
        mcp.send(gateway, mcp.old_run_body({"gate": "g"}, 1, timeout=20), client=client)
        running(engine, 1)
        cancel(gateway, 1)
        engine.open("g")
        assert client.receive().json()["result"]["isError"] is False


def test_of_two_runs_with_the_same_id_a_notification_ends_none(engine, gateway):
    clients = [mcp.send(gateway, mcp.old_run_body({"gate": "g"}, 1, timeout=20)) for _ in range(2)]
    running(engine, 2)
    cancel(gateway, 1)
    engine.open("g")
    for client in clients:
        assert client.receive().json()["result"]["isError"] is False
        client.close()


def test_a_run_of_the_new_era_is_ended_by_no_notification(engine, gateway):
    body = mcp.run_body({"gate": "g"}, 1, timeout=20)
    with mcp.send(gateway, body, mcp.headers_of(body)) as client:
        running(engine, 1)
        cancel(gateway, 1)
        engine.open("g")
        assert client.receive().json()["result"]["isError"] is False


def test_a_gateway_that_stops_says_so(engine, start):
    gateway = start(MAYFLY_DRAIN_MS=100)
    with mcp.send(gateway, mcp.old_run_body({"gate": "never"}, 1, timeout=20)) as client:
        running(engine, 1)
        gateway.process.popen.terminate()
        result = client.receive().json()["result"]
        assert result["isError"] is True and result["structuredContent"]["status"] == "failed"


# ---- who may call ----

def test_a_key_is_asked_for(engine, start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one")))
    for method in ("POST", "GET", "DELETE"):
        answer = gateway.request(method, mcp.PATH)
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    for key in (bearer("one"), ("x-api-key", "one")):
        assert mcp.call(gateway, "tools/list", headers=[key]).status == 200
        assert gateway.request("GET", mcp.PATH, headers=[key]).status == 405
    assert mcp.run(gateway, {"stdout": "hi\n"}, headers=[bearer("one")])["isError"] is False
    assert engine.runs[0].job.owner == "one"


def test_a_page_of_a_foreign_origin_may_not_call_even_with_a_key(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one")), MAYFLY_CORS_ORIGINS="https://app.example")
    ping = mcp.message("ping")
    for origin, status in (("http://evil.example", 403), ("null", 403), ("https://app.example", 200), (None, 200)):
        headers = [bearer("one")] + ([("origin", origin)] if origin else [])
        assert mcp.ask(gateway, ping, headers).status == status, origin
    assert mcp.ask(gateway, ping, [bearer("one"), ("host", "any.example")]).status == 200


def test_a_page_of_a_listed_origin_may_send_the_protocols_headers(shared):
    with Gateway(f"unix://{shared.engine.path}", MAYFLY_WARM=1, MAYFLY_CORS_ORIGINS="https://app.example") as gateway:
        answer = gateway.request("OPTIONS", mcp.PATH, headers=[
            ("origin", "https://app.example"), ("access-control-request-method", "POST")])
        allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert answer.status == 204 and {"mcp-protocol-version", "mcp-method", "mcp-name"} <= set(allowed)


def test_its_requests_are_counted_and_logged_by_their_route(start):
    gateway = start()
    mcp.run(gateway, {"exit": 1})
    gateway.process.wait_line('"route":"/mcp"')
    line = [event for event in gateway.events("request_ended") if event["route"] == "/mcp"][-1]
    assert (line["status"], line["verdict"]) == (200, "error") and line["run_id"]
