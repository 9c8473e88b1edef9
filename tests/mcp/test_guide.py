"""The configurations of the guide, as a host reads them: each is JSON, and leads to the gateway's tools."""

import json
import re

from conftest import KEY, ROOT
from gateway import BINARY
from test_clients import TOOLS

GUIDE = (ROOT / "gateway/docs/mcp.md").read_text("utf-8")


def configurations():
    return [json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)]


def tools(node, *words):
    done = node("mcp-inspector", "--cli", *words, "--method", "tools/list")
    assert done.returncode == 0, done.stdout + done.stderr
    return [tool["name"] for tool in json.loads(done.stdout)["tools"]]


def adapted(configuration, gateway, key_file):
    """The same for this gateway, with a real key."""
    text = json.dumps(configuration).replace("http://127.0.0.1:8000", gateway.url).replace("/home/me/mayfly.key", str(key_file))
    return re.sub(r"Bearer (KEY|\$\{[^}]*\})", f"Bearer {KEY}", text).replace('"/usr/local/bin/mayfly"', f'"{BINARY}"')


def test_every_host_of_the_guide_finds_the_tools(locked, node, tmp_path):
    key_file = tmp_path / "mayfly.key"
    key_file.write_text(f"{KEY}\n", "ascii")
    kinds = []
    for configuration in configurations():
        [server] = (configuration.get("mcpServers") or configuration["servers"]).values()
        kinds.append("command" if "command" in server else "url")
        [server] = (lambda said: (said.get("mcpServers") or said["servers"]).values())(
            json.loads(adapted(configuration, locked, key_file)))
        if "command" in server:
            path = tmp_path / "servers.json"
            path.write_text(json.dumps({"mcpServers": {"mayfly": server}}), "utf-8")
            words = ["--config", path, "--server", "mayfly"]
        else:
            [(name, value)] = server["headers"].items()
            words = [server.get("url") or server["httpUrl"], "--transport", "http", "--header", f"{name}: {value}"]
        assert tools(node, *words) == TOOLS, configuration
    assert sorted(kinds) == ["command", "url", "url", "url"]


def test_the_commands_of_the_guide(locked, node):
    [line] = re.findall(r"^claude mcp add (.*)$", GUIDE, re.MULTILINE)
    assert line == '--transport http mayfly http://127.0.0.1:8000/mcp --header "Authorization: Bearer KEY"'
    command = re.search(r"^npx @modelcontextprotocol/inspector (.*?)\n```", GUIDE, re.MULTILINE | re.DOTALL)[1].replace("\\\n", "")
    words = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", command.replace("http://127.0.0.1:8000", locked.url))]
    done = node("mcp-inspector", *words, "--header", f"Authorization: Bearer {KEY}", "--format", "json", "-q")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["result"]["content"] == [{"type": "text", "text": "hi\n"}]
