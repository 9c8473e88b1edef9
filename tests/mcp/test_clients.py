"""Clients of MCP as users have them, with a key: what they are told is what the gateway said."""

import json

import pytest

from conftest import KEY
from gateway import BINARY

TOOLS = ["run_python", "list_runtimes", "session_open", "session_run", "session_files", "session_close"]
PROGRAM = json.dumps({"code": json.dumps({"stdout": "hi\n"})})


def got(node, *words):
    done = node(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def has_a_session(results):
    """A session's life, in the order of calls.mjs."""
    opened, _, kept, _, file, died, closed, gone = results
    assert f'session_id "{opened["structuredContent"]["session"]["id"]}"' in opened["content"][0]["text"]
    assert kept["content"] == [{"type": "text", "text": '{"a": 1}'}] and kept["structuredContent"]["session"]["generation"] == 1
    assert file["content"] == [{"type": "text", "text": "text"}]
    assert died["isError"] is True and died["structuredContent"]["session"]["state_lost"] is True
    assert "must be made again" in died["content"][-1]["text"]
    assert closed["structuredContent"] == {"closed": True}
    assert gone["isError"] is True and gone["structuredContent"]["code"] == "session_gone"


def hands_on_all(engine, said):
    """What both official clients were asked to do."""
    assert said["tools"] == TOOLS
    assert said["result"]["content"] == [{"type": "text", "text": "hi\n"},
                                         {"type": "image", "data": "iVBORw==", "mimeType": "image/png"}]
    assert said["result"]["structuredContent"]["stdout"] == "hi\n" and said["result"]["isError"] is False
    assert said["refused"]["isError"] is True and "code must be" in said["refused"]["content"][0]["text"]
    has_a_session(said["session"])
    assert said["progress"][:2] == ["Waiting for a sandbox", "Running"] and said["progress"][-1] == "on"
    assert "enough" in said["aborted"]
    engine.wait(lambda: engine.runs[-1].end == "canceled", "the aborted program is ended")
    assert engine.runs[-1].job.owner == KEY


def test_the_official_sdk(engine, locked, node):
    said = got(node, "sdk.mjs", f"{locked.url}/mcp", KEY)
    assert said["server"] == "mayfly" and said["runtimes"] == 1 and said["unknown"] == -32602
    assert said["failed"]["isError"] is True
    assert [block["text"] for block in said["failed"]["content"]] == ["stderr:\nno\n", "The program ended with exit code 3."]
    hands_on_all(engine, said)


@pytest.mark.parametrize("mode", ["legacy", "auto", "2026-07-28"])
def test_the_official_client_of_both_eras(engine, locked, node, mode):
    said = got(node, "client.mjs", f"{locked.url}/mcp", KEY, mode)
    assert ("_meta" in said["result"]) == (mode != "legacy")
    hands_on_all(engine, said)


def test_the_official_sdk_with_the_bridge(engine, locked, node, tmp_path):
    key = tmp_path / "key"
    key.write_text(f"{KEY}\n", "ascii")
    hands_on_all(engine, got(node, "stdio.mjs", BINARY, locked.url, key))


@pytest.mark.parametrize("era", ["modern", "legacy", "auto"])
def test_the_inspector(locked, node, tmp_path, era):
    def inspect(*words):
        return got(node, "mcp-inspector", "--cli", f"{locked.url}/mcp", "--transport", "http", "--protocol-era", era,
                   "--header", f"Authorization: Bearer {KEY}", *words)

    assert [tool["name"] for tool in inspect("--method", "tools/list", "--strict")["tools"]] == TOOLS
    said = inspect("--method", "tools/call", "--tool-name", "run_python", "--tool-args-json", PROGRAM, "--format", "json", "-q")
    assert said["result"]["content"] == [{"type": "text", "text": "hi\n"}]


def test_langchains_client(locked, node):
    said = got(node, "langchain.mjs", f"{locked.url}/mcp", KEY)
    assert said["tools"] == TOOLS and "hi\n" in json.dumps(said["result"]).encode().decode("unicode_escape")
    assert "The program ended with exit code 3." in said["failed"]
    assert '"a": 1' in json.dumps(said["kept"]).replace('\\', "") and "session_open" in said["gone"]


def test_the_ai_sdks_client(locked, node):
    said = got(node, "ai.mjs", f"{locked.url}/mcp", KEY)
    assert said["tools"] == TOOLS and said["result"]["content"] == [{"type": "text", "text": "hi\n"}]
    assert said["failed"]["isError"] is True
