"""Cells, on the fake engine: values and exceptions that the box reports are in the answer, the events and the client's
output."""

import base64
import json
import subprocess

import pytest

import wire
from eventstream import EVENTS, EventStream
from gateway import BINARY

HTML, TEXT = (base64.b64encode(content).decode() for content in (b"<p>", b"text"))
SHOWN = [["text/html", HTML, 1], ["text/plain", TEXT, 1], ["image/png", base64.b64encode(b"\x89PNG").decode(), 2, True],
         ["text/plain", TEXT, 2, True]]
DISPLAYS = [
    {"media_type": "text/html", "content": "<p>", "encoding": "utf-8", "number": 1, "is_result": False},
    {"media_type": "text/plain", "content": "text", "encoding": "utf-8", "number": 1, "is_result": False},
    {"media_type": "image/png", "content": "iVBORw==", "encoding": "base64", "number": 2, "is_result": True},
    {"media_type": "text/plain", "content": "text", "encoding": "utf-8", "number": 2, "is_result": True},
]
ERROR = ["ValueError", "v\u00e4lue", "line 1", "", "line 3"]
SAID = {"name": "ValueError", "value": "v\u00e4lue", "traceback": ["line 1", "", "line 3"]}


def cell(gateway, directive, **fields):
    status, answer = gateway.execute(json.dumps(directive), mode="cell", **fields)
    assert status == 200
    return answer


def test_the_mode_reaches_the_box(shared):
    assert json.loads(cell(shared, {"echo": True})["stdout"])["is_cell"]
    for fields in ({}, {"mode": "script"}):
        assert not json.loads(shared.execute(json.dumps({"echo": True}), **fields)[1]["stdout"])["is_cell"]


@pytest.mark.parametrize("value", ["Cell", "", None, 1, ["cell"]])
def test_a_wrong_mode_is_named(shared, value):
    with shared.post({"code": "1", "mode": value}) as client:
        answer = client.receive()
    assert answer.status == 422 and answer.json()["errors"][0]["field"] == "mode"


def test_displays_say_of_what_they_are_forms(shared):
    assert cell(shared, {"displays": SHOWN})["displays"] == DISPLAYS


def test_an_exception_is_in_the_answer_and_among_no_displays(shared):
    answer = cell(shared, {"error": ERROR, "displays": SHOWN, "exit": 1})
    assert (answer["status"], answer["error"], answer["displays"]) == ("error", SAID, DISPLAYS)


def test_a_cell_without_an_exception_has_none_and_a_script_has_no_such_member(shared):
    assert cell(shared, {})["error"] is None
    assert "error" not in shared.execute("{}")[1]


@pytest.mark.parametrize("texts, said", [
    (["E"], {"name": "E", "value": "", "traceback": []}),
    (["E", "v"], {"name": "E", "value": "v", "traceback": []}),
    (["", "", ""], {"name": "", "value": "", "traceback": [""]}),
    (["\"\\\n", "</script>\u2028", "\t"], {"name": "\"\\\n", "value": "</script>\u2028", "traceback": ["\t"]}),
])
def test_any_texts_have_the_form_of_an_exception(shared, texts, said):
    assert cell(shared, {"error": texts})["error"] == said


def test_the_longest_exception_comes_whole(shared):
    lines = ["\u20ac" * 100] * 180
    assert cell(shared, {"error": ["E", "v", *lines]})["error"]["traceback"] == lines


def test_each_test_of_a_cell_has_its_own_exception(shared):
    answer = cell(shared, {"error": ERROR, "exit": 1}, tests=[{}, {}, {}], tests_output="all")
    assert [test["error"] for test in answer["tests"]] == [SAID] * 3


@pytest.mark.parametrize("directive", [{"error_bytes": 65536}, {"error": ["E"], "error_bytes": 0}])
def test_a_script_that_has_an_exception_and_one_that_is_too_long_are_not_believed(start, directive):
    gateway = start()
    mode = {"mode": "cell"} if directive["error_bytes"] else {}
    status, answer = gateway.execute(json.dumps(directive), **mode)
    assert (status, answer["status"], answer["reason"]) == (200, "failed", "sandbox")


def test_events_have_the_displays_and_the_result_the_exception(shared):
    request = {"code": json.dumps({"error": ERROR, "displays": SHOWN}), "mode": "cell"}
    with EventStream(shared.post(request, headers=[EVENTS])) as stream:
        events = stream.until("result")
    assert [event.data for event in events if event.name == "display"] == DISPLAYS
    assert [event.name for event in events].count("error") == 0
    assert events[-1].data["error"] == SAID


def test_an_execution_keeps_both(shared):
    with shared.post({"code": json.dumps({"error": ERROR, "displays": SHOWN}), "mode": "cell"}, "/api/v1/executions") as client:
        where = client.receive().headers["location"]
    answer = shared.request("GET", f"{where}?wait=20").json()
    assert (answer["error"], answer["displays"]) == (SAID, DISPLAYS)


def test_the_mode_is_part_of_what_an_idempotency_key_stands_for(shared):
    def post(**fields):
        with shared.post({"code": "1", **fields}, headers=[("idempotency-key", "of-cell")]) as client:
            return client.receive().status
    assert [post(mode="cell"), post(mode="cell"), post()] == [200, 200, 422]


def run(gateway, directive, *options):
    done = subprocess.run([BINARY, "run", "-", "--cell", "--url", f"http://127.0.0.1:{gateway.port}", *map(str, options)],
                          input=json.dumps(directive).encode(), capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_the_client_prints_the_text_and_saves_the_rest(shared, tmp_path):
    assert run(shared, {"stdout": "a\n", "displays": SHOWN}) == (
        0, "a\ntext\ntext\n", "mayfly: 2 displays were not saved; -o DIR saves them\n")
    assert run(shared, {"displays": SHOWN}, "-o", tmp_path / "into") == (0, "text\ntext\n", "")
    assert sorted(path.name for path in (tmp_path / "into").iterdir()) == ["display-1.html", "display-2.png"]
    assert json.loads(run(shared, {"error": ERROR, "exit": 1}, "--json")[1])["error"] == SAID


def test_the_client_ends_as_the_cell_does(shared):
    assert run(shared, {"error": ERROR, "exit": 1, "stderr": "Trace\n"}) == (1, "", "Trace\n")
    assert wire.ERROR_MEDIA_TYPE not in run(shared, {"error": ERROR}, "--json")[1]
