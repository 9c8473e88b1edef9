"""The tools for sessions at /mcp: state that is kept between calls, and errors with advice."""

import base64
import json

import pytest

import mcp
from helpers import bearer, entry, gated, running, until
from sessions import SESSIONS, Session, opened

PNG = b"\x89PNG\r\n\x1a\n plot"


class Tools:
    """The tools as a model uses them, on one session."""

    def __init__(self, gateway, headers=(), **given):
        self.gateway, self.headers = gateway, list(headers)
        result = mcp.use(gateway, "session_open", self.headers, **given)
        assert result["isError"] is False, result
        self.opened = result
        self.id = result["structuredContent"]["session"]["id"]

    def use(self, tool, **given):
        return mcp.use(self.gateway, tool, self.headers, session_id=self.id, **given)

    def run(self, directive, **given):
        return self.use("session_run", code=json.dumps(directive), **given)

    def files(self, action, **given):
        return self.use("session_files", action=action, **given)

    def body(self, directive, number=1, token=None, build=mcp.modern, **given):
        given = {"session_id": self.id, "code": json.dumps(directive), "timeout": 20, **given}
        return mcp.tool_body("session_run", given, number, token, build)

    def begin(self, directive, **given):
        """Send a call of session_run without waiting."""
        body = self.body(directive, **given)
        return mcp.send(self.gateway, body, mcp.headers_of(body))

    def names(self):
        """What the fake interpreter remembers."""
        result = self.run({"get": True})
        return json.loads(result["structuredContent"]["stdout"])

    def native(self):
        return Session(self.gateway, self.id, self.headers)


@pytest.fixture
def tools(gateway):
    return Tools(gateway, session_id="s")


def refused(result, code, *words, reason="not_started"):
    """It did nothing, says so in these words, and says why to programs."""
    content = result["structuredContent"]
    assert result["isError"] is True and (content["status"], content["code"], content["reason"]) == ("failed", code, reason), result
    [text] = mcp.texts(result)
    assert all(word in text for word in words), text
    return content


def fields_of(result):
    return [error["field"] for error in refused(result, "invalid_request")["errors"]]


# ---- the list ----

def test_every_tool_says_what_it_changes(shared):
    tools = {tool["name"]: tool for tool in mcp.call(shared, "tools/list").json()["result"]["tools"]}
    hints = {name: [tool["annotations"][hint] for hint in ("readOnlyHint", "destructiveHint", "idempotentHint")]
             for name, tool in tools.items() if name.startswith("session_")}
    assert hints == {"session_open": [False, False, False], "session_run": [False, True, False],
                     "session_files": [False, True, True], "session_close": [False, True, True]}
    run = tools["session_run"]["inputSchema"]
    assert run["required"] == ["session_id", "code"] and "runtime" not in run["properties"]


def test_a_gateway_without_sessions_does_not_list_their_tools(start):
    gateway = start(MAYFLY_SESSIONS=0)
    tools = mcp.call(gateway, "tools/list").json()["result"]["tools"]
    assert [tool["name"] for tool in tools] == ["run_python", "list_runtimes"]
    refused(mcp.use(gateway, "session_open"), "session_limit")


# ---- a session's life ----

def test_a_session_keeps_its_state_from_call_to_call(tools):
    tools.run({"set": {"a": 1}})
    tools.run({"set": {"b": 2}})
    assert tools.names() == {"a": 1, "b": 2}


def test_an_open_session_is_described_as_the_api_does(tools):
    assert tools.opened["structuredContent"]["session"] == tools.native().get() | {
        "idle_expires_at": tools.opened["structuredContent"]["session"]["idle_expires_at"]}
    assert mcp.texts(tools.opened) == [
        'The session is open. Give session_id "s" to session_run, session_files and session_close. '
        "It ends after 600 seconds without a call."]


def test_the_gateway_names_a_session_that_has_no_name(gateway):
    tools = Tools(gateway)
    assert len(tools.id) == 16 and f'session_id "{tools.id}"' in mcp.texts(tools.opened)[0]
    assert tools.run({"stdout": "hi\n"})["isError"] is False


def test_a_live_session_is_found_again(gateway, tools):
    tools.run({"set": {"a": 1}})
    again = Tools(gateway, session_id="s")
    assert "open already" in mcp.texts(again.opened)[0] and again.names() == {"a": 1}
    refused(mcp.use(gateway, "session_open", session_id="s", runtime="python", idle_timeout=0.2), "invalid_request")


def test_arguments_of_an_opening_are_those_of_the_api(gateway):
    tools = Tools(gateway, runtime="python", idle_timeout=7.5, max_lifetime=60,
                  files=[{"path": "a/b", "content": "eA==", "encoding": "base64"}])
    told = tools.native().get()
    assert (told["idle_timeout"], told["max_lifetime"], told["runtime"]) == (7.5, 60, "python")
    assert tools.native().files() == {"a/b": 1}


def test_a_call_of_the_old_era_has_the_same_session(gateway, tools):
    tools.run({"set": {"a": 1}})
    for version in mcp.LEGACY:
        params = {"name": "session_run", "arguments": {"session_id": "s", "code": '{"get": true}'}}
        result = mcp.old(gateway, "tools/call", params, version=version).json()["result"]
        assert mcp.texts(result) == ['{"a": 1}'] and "resultType" not in result


def test_a_session_is_closed_once_and_stays_closed(engine, tools):
    for _ in range(2):
        result = tools.use("session_close")
        assert result["isError"] is False and result["structuredContent"] == {"closed": True}
    engine.wait(lambda: not engine.sessions(), "its box is gone")
    for result in (tools.run({}), tools.files("list"), mcp.use(tools.gateway, "session_open", session_id="s")):
        refused(result, "session_gone", "The reason is deleted.", "variables and files are lost", "session_open", reason="deleted")


def test_a_close_ends_what_runs(engine, tools):
    with tools.begin({"gate": "never", "stdout": "so far\n"}) as client:
        running(engine, 1)
        engine.wait(lambda: engine.runs[-1].is_at_gate, "its output has been sent")
        until(lambda: tools.native().get()["executions"] == 1, "it runs")
        assert tools.use("session_close")["isError"] is False
        result = client.receive().json()["result"]
    first, last = mcp.texts(result)
    assert first == "so far\n" and "The session has ended (deleted)" in last and "Call again" not in last
    assert result["isError"] is True and result["structuredContent"]["session"]["state"] == "gone"


def test_a_session_and_its_tools_in_a_batch(gateway, tools):
    batch = [mcp.message("ping", number=1), tools.body({"stdout": "hi\n"}, 2, build=mcp.message)]
    said = mcp.ask(gateway, batch).json()
    assert said[0]["result"] == {} and mcp.texts(said[1]["result"]) == ["hi\n"]
    batch[1] = mcp.tool_body("session_close", {"session_id": "s"}, 3, build=mcp.message)
    said = mcp.ask(gateway, batch).json()
    assert said[1]["id"] == 3 and said[1]["result"]["structuredContent"] == {"closed": True}


# ---- session_run ----

def test_its_structured_content_is_the_answer_of_the_api(tools):
    directive = {"stdout": "a\u00e9\n", "stderr": "b", "exit": 1, "write": {"out.csv": "1,2"}}
    native = tools.native().cell(directive, outputs=["*.csv"])
    content = tools.run(directive, outputs=["*.csv"])["structuredContent"]
    varying = ("id", "execution_time", "queue_time", "cpu_time", "session")
    assert list(content) == list(native) and list(content["session"]) == list(native["session"])
    assert [(name, value) for name, value in content.items() if name not in varying] == [
        (name, value) for name, value in native.items() if name not in varying]


def test_its_arguments_are_those_of_the_api(engine, tools):
    result = tools.run({"echo": True}, stdin="in", timeout=2.5, files=[{"path": "x", "content": "y"}], outputs=["x"])
    job = engine.runs[-1].job
    assert (job.stdin, job.timeout_ms, job.is_cell, job.files) == (b"in", 2500, True, {"x": b"y"})
    assert result["structuredContent"]["files"][0]["content"] == "y" and "Files: x (1 bytes)" in mcp.texts(result)[-1]


def test_of_each_display_a_model_gets_the_form_that_it_sees_best(tools):
    def coded(data):
        return base64.b64encode(data).decode()

    displays = [["text/plain", coded(b"<Figure>"), 1], ["image/png", coded(PNG), 1], ["text/html", coded(b"<table>"), 2],
                ["text/plain", coded(b"  a\n0 1"), 2, True], ["text/plain", coded(b"alone")], ["text/plain", coded(b"too")]]
    result = tools.run({"displays": displays})
    assert result["content"] == [
        {"type": "image", "data": coded(PNG), "mimeType": "image/png"}, {"type": "text", "text": "  a\n0 1"},
        {"type": "text", "text": "alone"}, {"type": "text", "text": "too"}]
    assert len(result["structuredContent"]["displays"]) == 6


@pytest.mark.parametrize("directive, status, words", [
    ({"exit": 1}, "error", "The code ended with exit code 1."),
    ({"dies": 3}, "error", "imports and variables must be made again. Its files are still there."),
    ({"oom": True}, "error", "imports and variables must be made again"),
    ({"cpu_time": True}, "timeout", "imports and variables must be made again")])
def test_a_loss_of_the_state_is_told_in_words(tools, directive, status, words):
    tools.run({"set": {"a": 1}})
    result = tools.run(directive)
    assert result["isError"] is True and result["structuredContent"]["status"] == status
    assert words in mcp.texts(result)[-1]
    is_lost = "again" in words
    assert result["structuredContent"]["session"]["state_lost"] is is_lost
    assert tools.names() == ({} if is_lost else {"a": 1})


def test_a_loss_between_two_calls_is_told_by_the_next_one(tools):
    tools.run({"dies_later": True})
    result = tools.run({"stdout": "hi\n"})
    assert result["isError"] is False and result["structuredContent"]["session"]["generation"] == 2
    assert mcp.texts(result)[-1].startswith("The session's state was lost")


def test_a_timeout_says_whether_the_variables_are_kept(tools):
    tools.run({"set": {"a": 1}})
    result = tools.run({"gate": "never"}, timeout=0.2)
    last = mcp.texts(result)[-1]
    assert result["isError"] is True and last.startswith("Execution timed out after 0.2 seconds")
    assert last.endswith("The code was interrupted. The session has kept its variables.")
    assert tools.names() == {"a": 1}
    result = tools.run({"gate": "never", "stubborn": True}, timeout=0.2)
    assert "imports and variables must be made again" in mcp.texts(result)[-1]


def test_an_interrupt_by_another_is_told(tools):
    with tools.begin({"gate": "never"}) as client:
        until(lambda: tools.native().get()["running"], "it runs")
        assert tools.native().ask("DELETE", f"/executions/{tools.native().get()['running']}").status == 202
        result = client.receive().json()["result"]
    assert result["structuredContent"]["error"]["name"] == "KeyboardInterrupt"
    assert "The code was interrupted. The session has kept its variables." in mcp.texts(result)[-1]


def test_a_busy_session_says_what_runs_and_what_to_do(engine, tools):
    with tools.begin({"gate": "g"}) as client:
        until(lambda: tools.native().get()["running"], "it is busy")
        run = tools.native().get()["running"]
        for result in (tools.run({}), tools.files("list"), tools.files("read", path="a")):
            content = refused(result, "session_busy", f"It is busy with the run {run}.", "queue_timeout", "Call again in 1 seconds.")
            assert (content["running"], content["retry_after"]) == (run, 1)
        refused(tools.run({}, queue_timeout=1), "session_busy")
        body = tools.body({"stdout": "later\n"}, queue_timeout=20)
        with mcp.send(tools.gateway, body, mcp.headers_of(body)) as second:
            engine.open("g")
            assert client.receive().json()["result"]["isError"] is False
            assert mcp.texts(second.receive().json()["result"]) == ["later\n"]


def test_a_session_that_was_idle_for_too_long_is_told_as_such(gateway):
    tools = Tools(gateway, idle_timeout=1)
    until(lambda: tools.native().ask("GET").status == 410, "it has ended")
    refused(tools.run({}), "session_gone", "The reason is idle_timeout.", reason="idle_timeout")


def test_a_session_that_never_was(gateway):
    for tool, given in (("session_run", {"code": "x"}), ("session_files", {"action": "list"}), ("session_close", {})):
        refused(mcp.use(gateway, tool, session_id="nobody", **given), "session_unknown", "Open one with session_open.")


def test_a_limit_of_sessions_says_what_to_do(start):
    gateway = start(MAYFLY_SESSIONS=1)
    Tools(gateway)
    refused(mcp.use(gateway, "session_open"), "session_limit", "The session was not opened.", "session_close")


@pytest.mark.parametrize("tool, given, fields", [
    ("session_open", {"session_id": "../x", "env": {}, "idle_timeout": 0, "runtime": "ruby"},
     ["session_id", "env", "idle_timeout", "runtime"]),
    ("session_open", {"files": [{"path": "../x", "content": ""}]}, ["files[0].path"]),
    ("session_run", {}, ["session_id", "code"]),
    ("session_run", {"session_id": 1, "code": "", "runtime": "python", "limits": {}}, ["session_id", "code", "runtime", "limits"]),
    ("session_run", {"session_id": "s", "code": "x", "timeout": 1000, "queue_timeout": -1}, ["timeout", "queue_timeout"]),
    ("session_files", {}, ["session_id", "action"]),
    ("session_files", {"session_id": "s", "action": "move"}, ["action"]),
    ("session_files", {"session_id": "s", "action": "read"}, ["path"]),
    ("session_files", {"session_id": "s", "action": "read", "path": "/etc/passwd", "pattern": "*"}, ["pattern", "path"]),
    ("session_files", {"session_id": "s", "action": "delete", "path": "x" * 5000}, ["path"]),
    ("session_files", {"session_id": "s", "action": "list", "pattern": "[", "files": []}, ["files", "pattern"]),
    ("session_files", {"session_id": "s", "action": "write"}, ["files"]),
    ("session_files", {"session_id": "s", "action": "write", "path": "a", "content": "b"}, ["content", "path", "files"]),
    ("session_close", {"session_id": "", "x": 1}, ["session_id", "x"]),
    ("session_close", {}, ["session_id"]),
])
def test_wrong_arguments_are_named(tools, tool, given, fields):
    assert fields_of(mcp.use(tools.gateway, tool, **given)) == fields
    assert tools.run({})["isError"] is False


# ---- session_files ----

def test_files_are_written_listed_read_and_deleted(tools):
    files = [{"path": "a.txt", "content": "h\u00e9\n"}, {"path": "d/b.bin", "content": "//4=", "encoding": "base64"},
             {"path": "p.png", "content": base64.b64encode(PNG).decode(), "encoding": "base64"}]
    assert mcp.texts(tools.files("write", files=files)) == ["The files are written."]
    result = tools.files("list")
    assert result["structuredContent"] == {"truncated": False, "files": [
        {"path": "a.txt", "size_bytes": 4}, {"path": "d/b.bin", "size_bytes": 2}, {"path": "p.png", "size_bytes": len(PNG)}]}
    assert mcp.texts(result) == [f"a.txt (4 bytes)\nd/b.bin (2 bytes)\np.png ({len(PNG)} bytes)"]
    assert [file["path"] for file in tools.files("list", pattern="*.txt")["structuredContent"]["files"]] == ["a.txt"]
    assert mcp.texts(tools.files("list", pattern="none*")) == ["There are no such files."]

    result = tools.files("read", path="a.txt")
    assert result["content"] == [{"type": "text", "text": "h\u00e9\n"}] and result["isError"] is False
    assert result["structuredContent"]["files"] == [{
        "path": "a.txt", "size_bytes": 4, "media_type": "text/plain", "content": "h\u00e9\n", "encoding": "utf-8", "truncated": False}]
    result = tools.files("read", path="/box/d/b.bin")
    assert "is no text" in mcp.texts(result)[0]
    assert (result["structuredContent"]["files"][0]["content"], result["structuredContent"]["files"][0]["encoding"]) == ("//4=", "base64")
    result = tools.files("read", path="p.png")
    assert result["content"] == [{"type": "image", "mimeType": "image/png", "data": base64.b64encode(PNG).decode()}]

    assert mcp.texts(tools.files("delete", path="a.txt")) == ["The file is deleted."]
    for action in ("read", "delete"):
        refused(tools.files(action, path="a.txt"), "file_not_found", "session_files did nothing.", "Call session_files")
    assert sorted(tools.native().files()) == ["d/b.bin", "p.png"]


def test_a_large_file_is_read_whole_and_one_that_is_too_large_is_refused(start):
    gateway = start(MAYFLY_OUTPUT_FILES_BYTES=1 << 20, MAYFLY_OUTPUT_FILE_BYTES=1 << 20)
    tools = Tools(gateway)
    text = "\u20ac\n" * 200000
    tools.files("write", files=[{"path": "large", "content": text}])
    result = tools.files("read", path="large")
    assert mcp.texts(result) == [text] and result["structuredContent"]["files"][0]["content"] == text
    assert tools.native().file("PUT", "huge", b"x" * ((1 << 20) + 1)).status == 204
    refused(tools.files("read", path="huge"), "file_too_large")


def test_a_long_list_names_some_and_has_all(tools):
    tools.run({"write": {f"f{i:03}": "" for i in range(300)}})
    result = tools.files("list")
    assert len(result["structuredContent"]["files"]) == 256 and result["structuredContent"]["truncated"] is True
    [text] = mcp.texts(result)
    assert "and 156 more" in text and text.endswith("list them with a pattern.")


def test_a_file_that_cannot_be_written_is_refused(gateway, tools):
    result = tools.files("write", files=[{"path": "unwritable", "content": ""}])
    refused(result, "file_refused", "Is a directory")
    result = mcp.use(gateway, "session_open", files=[{"path": "unwritable", "content": ""}])
    assert fields_of(result) == ["files"] and "Is a directory" in mcp.texts(result)[0]


# ---- progress, and the end of a call ----

def test_progress_of_a_cell_and_of_an_opening(engine, gateway):
    body = mcp.tool_body("session_open", {"session_id": "p"}, 4, token="t")
    with mcp.Messages(mcp.send(gateway, body, mcp.headers_of(body))) as messages:
        *_, last = messages
    assert last["id"] == 4 and last["result"]["structuredContent"]["session"]["id"] == "p"
    tools = Tools(gateway, session_id="p")
    body = tools.body({"stdout": "step 1\n", "gate": "g"}, token=7)
    with mcp.Messages(mcp.send(gateway, body, mcp.headers_of(body))) as messages:
        messages.until(lambda said: said["params"]["message"] == "step 1")
        engine.open("g")
        *_, last = messages
    assert last["result"]["structuredContent"]["stdout"] == "step 1\n"


@pytest.mark.parametrize("token", [None, 1])
@pytest.mark.parametrize("is_modern", [True, False])
def test_a_hang_up_interrupts_and_the_session_stays(engine, tools, is_modern, token):
    tools.run({"set": {"a": 1}})
    body = tools.body({"gate": "never", "stdout": "on\n"}, token=token, build=mcp.modern if is_modern else mcp.message)
    client = mcp.send(tools.gateway, body, mcp.headers_of(body) if is_modern else [])
    until(lambda: tools.native().get()["executions"] == 2, "it runs")
    client.hang_up()
    until(lambda: tools.native().get()["state"] == "idle", "it is interrupted")
    assert tools.names() == {"a": 1} and tools.native().get()["generation"] == 1


@pytest.mark.parametrize("token", [None, 1])
def test_a_notification_interrupts_and_gets_no_answer(tools, token):
    tools.run({"set": {"a": 1}})
    body = tools.body({"gate": "never"}, 9, token, build=mcp.message)
    with mcp.send(tools.gateway, body) as client:
        until(lambda: tools.native().get()["executions"] == 2, "it runs")
        said = mcp.ask(tools.gateway, mcp.message("notifications/cancelled", {"requestId": 9}, None))
        assert said.status == 202
        if token is None:
            answer = client.receive()
            assert (answer.status, answer.body) == (202, b"")
        else:
            assert all("result" not in each for each in mcp.Messages(client))
    assert tools.names() == {"a": 1}


def test_a_canceled_opening_leaves_no_session(engine, start):
    gateway = start(MAYFLY_MAX_BOXES=4, MAYFLY_WARM=1, MAYFLY_SESSIONS=2)
    clients = [gateway.post(gated("g")) for _ in range(4)]
    running(engine, 4)
    body = mcp.tool_body("session_open", {"session_id": "s"}, 5, build=mcp.message)
    with mcp.send(gateway, body) as client:
        gateway.wait_metrics(lambda seen: seen.value("mayfly_runs_waiting") == 1)
        mcp.ask(gateway, mcp.message("notifications/cancelled", {"requestId": 5}, None))
        assert client.receive().status == 202
    engine.open("g")
    for each in clients:
        assert each.receive().status == 200
        each.close()
    assert gateway.request("GET", SESSIONS).json() == {"sessions": []}
    assert mcp.use(gateway, "session_open", session_id="s")["isError"] is False


# ---- who may ----

def test_a_session_is_its_keys_alone(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one"), entry("two")))
    one = Tools(gateway, [bearer("one")], session_id="s")
    one.run({"set": {"a": 1}})
    given = {"session_id": "s"}
    for tool, more in (("session_run", {"code": "{}"}), ("session_files", {"action": "list"}), ("session_close", {})):
        refused(mcp.use(gateway, tool, [bearer("two")], **given, **more), "session_unknown")
    two = Tools(gateway, [bearer("two")], session_id="s")
    assert two.names() == {} and one.names() == {"a": 1}
    two.use("session_close")
    assert one.names() == {"a": 1}


def test_the_api_and_the_tools_have_the_same_sessions(gateway):
    session = opened(gateway, id="both")
    session.cell({"set": {"a": 1}})
    tools = Tools(gateway, session_id="both")
    assert tools.names() == {"a": 1}
    tools.use("session_close")
    assert session.ask("GET").json()["reason"] == "deleted"
