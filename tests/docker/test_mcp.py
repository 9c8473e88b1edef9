"""Calls of an agent through /mcp and `mayfly mcp`, in real boxes: programs, plots, files, and ends of programs."""

import base64
import json
import os
import subprocess

import pytest

import mcp
import realengine
from box import DATA_IMAGE, IMAGE
from gateway import BINARY, SLOW

RUNTIMES = f"python={IMAGE}=2,python-data={DATA_IMAGE}=1"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()\nprint('drawn')\n"


@pytest.fixture(scope="module")
def gateway(engine):
    with realengine.Gateway(engine.host, MAYFLY_RUNTIMES=RUNTIMES) as running:
        yield running


def test_a_program_and_its_mistake(gateway):
    result = mcp.run(gateway, "print(2 + 2)")
    assert mcp.texts(result) == ["4\n"] and result["isError"] is False
    result = mcp.run(gateway, "print('on')\nprint(1 / 0)\n")
    out, err, end = mcp.texts(result)
    assert out == "on\n" and err.startswith("stderr:\nTraceback") and "ZeroDivisionError" in err
    assert end == "The program ended with exit code 1." and result["isError"] is True


def test_a_plot_is_an_image(gateway):
    result = mcp.run(gateway, PLOT, runtime="python-data", timeout=20)
    text, image = result["content"]
    assert text["text"] == "drawn\n" and (image["type"], image["mimeType"]) == ("image", "image/png")
    assert base64.b64decode(image["data"]).startswith(b"\x89PNG\r\n")
    [display] = result["structuredContent"]["displays"]
    assert display == {"media_type": "image/png", "size_bytes": len(base64.b64decode(image["data"]))}


def test_files_go_in_and_out_and_nothing_is_kept(gateway):
    files = [{"path": "in.csv", "content": "1,2\n3,4\n"}]
    result = mcp.run(gateway, "open('out.csv', 'w').write(open('in.csv').read().upper() + input())", files=files, stdin="5,6\n",
                     outputs=["*.csv"])
    [file] = [file for file in result["structuredContent"]["files"] if file["path"] == "out.csv"]
    assert file["content"] == "1,2\n3,4\n5,6" and "out.csv (11 bytes)" in mcp.texts(result)[-1]
    result = mcp.run(gateway, "import os; print(sorted(os.listdir()))")
    assert "out.csv" not in mcp.texts(result)[0]


@pytest.mark.parametrize("code, status, words", [
    ("while True: pass", "timeout", "Execution timed out after 0.5 seconds"),
    ("x = []\nwhile True: x.append(bytearray(1 << 20))", "error", "Let the program hold less in memory."),
    ("import socket; socket.create_connection(('192.0.2.1', 80), 1)", "error", "exit code 1"),
    ("import os; os.kill(os.getpid(), 11)", "error", "SIGSEGV")])
def test_an_end_says_what_to_do(gateway, code, status, words):
    result = mcp.run(gateway, code, timeout=0.5 if status == "timeout" else 20 * SLOW)
    assert result["structuredContent"]["status"] == status and words in mcp.texts(result)[-1]
    assert result["isError"] is True


def test_progress_shows_the_last_line_as_it_is_printed(gateway):
    code = "import time\nprint('step 1')\ntime.sleep(60)\n"
    body = mcp.run_body(code, token=1, timeout=20)
    with mcp.Messages(mcp.send(gateway, body, mcp.headers_of(body))) as messages:
        messages.until(lambda said: said["params"]["message"] == "step 1")
    gateway.process.wait_line('"run_canceled"')


def test_a_notification_ends_a_program_of_the_old_era(gateway):
    body = mcp.old_run_body("import time\nprint('on')\ntime.sleep(60)\n", 5, token="t", timeout=20)
    with mcp.Messages(mcp.send(gateway, body)) as messages:
        messages.until(lambda said: said["params"]["message"] == "on")
        assert mcp.ask(gateway, mcp.message("notifications/cancelled", {"requestId": 5}, None)).status == 202
        assert not [said for said in messages if "id" in said]


def test_the_bridge(gateway):
    said = [mcp.message("initialize", {"protocolVersion": "2025-06-18", "capabilities": {}}, 0),
            mcp.old_run_body("print(sum(range(10)))", 1)]
    done = subprocess.run([BINARY, "mcp"], env={"PATH": os.environ["PATH"], "MAYFLY_URL": gateway.url},
                          input="".join(json.dumps(each) + "\n" for each in said), capture_output=True, text=True, check=True,
                          timeout=60 * SLOW)
    answers = {answer["id"]: answer["result"] for answer in map(json.loads, done.stdout.splitlines())}
    assert answers[0]["serverInfo"]["name"] == "mayfly" and mcp.texts(answers[1]) == ["45\n"]


def test_a_session_keeps_its_state_from_call_to_call(gateway):
    opened = mcp.use(gateway, "session_open", runtime="python-data")
    session = {"session_id": opened["structuredContent"]["session"]["id"]}

    def run(code):
        return mcp.use(gateway, "session_run", code=code, timeout=20, **session)

    assert run("import pandas as pd\nsums = {}")["isError"] is False
    written = mcp.use(gateway, "session_files", action="write", files=[{"path": "in.csv", "content": "a,b\n1,2\n3,4\n"}], **session)
    assert written["isError"] is False, written
    assert "\n4\n" in "\n" + "\n".join(mcp.texts(run("sums['a'] = int(pd.read_csv('in.csv').a.sum())\nsums['a']"))) + "\n"
    kinds = [(block["type"], block.get("mimeType")) for block in run(PLOT)["content"]]
    assert ("image", "image/png") in kinds
    result = run("sums['b'] / 0")
    assert result["isError"] is True and "KeyError" in "".join(mcp.texts(result))
    assert "{'a': 4}" in "".join(mcp.texts(run("sums")))
    assert mcp.use(gateway, "session_close", **session)["isError"] is False
    result = run("sums")
    assert result["isError"] is True and result["structuredContent"]["reason"] == "deleted"
