"""Several runtimes: chosen by name or alias, listed at /api/v1/runtimes, each with boxes of its own; and displays of
programs."""

import base64
import json

import pytest

from eventstream import EVENTS, EventStream
from helpers import gated, running, until

PATH = "/api/v1/runtimes"
BOTH = "python=mayfly-python:latest=2,python-data=mayfly-python-data:latest=1"
PNG = base64.b64encode(b"\x89PNG\r\n").decode()
SHOWN = [["image/png", PNG], ["text/html", base64.b64encode("<b>é</b>".encode()).decode()]]
DISPLAYS = [{"media_type": "image/png", "content": PNG, "encoding": "base64"},
            {"media_type": "text/html", "content": "<b>é</b>", "encoding": "utf-8"}]


@pytest.fixture
def both(engine, start):
    engine.add_image("mayfly-python-data:latest", mayfly_language="python", mayfly_version="3.11.2",
                     mayfly_packages="numpy=1.24.2 pandas=1.5.3")
    return start(MAYFLY_RUNTIMES=BOTH)


def runtimes(gateway):
    answer = gateway.request("GET", PATH)
    assert answer.status == 200 and answer.headers["content-type"] == "application/json"
    return answer.json()["runtimes"]


def test_they_are_told_of(both):
    until(lambda: [runtime["warm"] for runtime in runtimes(both)] == [2, 1], "all boxes are ready")
    python, data = runtimes(both)
    assert (python["name"], python["language"], python["version"]) == ("python", None, None)
    assert (data["name"], data["language"], data["version"]) == ("python-data", "python", "3.11.2")
    assert python["aliases"] == ["py", "py3", "python3"] and python["packages"] == []
    assert data["packages"] == [{"name": "numpy", "version": "1.24.2"}, {"name": "pandas", "version": "1.5.3"}]
    assert data["limits"]["timeout"] == {"default": 5, "maximum": 30}
    assert data["limits"]["queue_timeout"] == {"default": 30, "maximum": 30}
    assert data["limits"]["memory_bytes"] == {"default": 256 << 20, "maximum": 1 << 30}
    assert data["limits"]["pids"] == {"default": 64, "maximum": 256}
    assert data["limits"]["cpus"]["default"] == 1
    assert data["limits"]["cpu_time"] == {"default": None, "maximum": 30 * data["limits"]["cpus"]["maximum"]}
    assert data["limits"]["output_bytes"] == {"default": 1 << 20, "maximum": 8 << 20}


def caps(gateway):
    """The limits that no request can change."""
    return {name: limit["maximum"] for name, limit in runtimes(gateway)[0]["limits"].items() if "default" not in limit}


def test_the_caps_are_told(both):
    assert caps(both) == {
        "body_bytes": 8 << 20, "files": 256, "files_bytes": 8 << 20, "outputs": 64,
        "output_files": 256, "output_file_bytes": 4 << 20, "output_files_bytes": 8 << 20,
        "displays": 256, "displays_bytes": 8 << 20, "tests": 1000}


def test_the_caps_told_are_those_that_hold(start):
    gateway = start(MAYFLY_MAX_BODY_BYTES="1MiB", MAYFLY_MAX_FILES_BYTES=1000, MAYFLY_OUTPUT_FILE_BYTES=100,
                    MAYFLY_OUTPUT_FILES_BYTES=300, MAYFLY_DISPLAYS_BYTES=0)
    told = caps(gateway)
    assert (told["body_bytes"], told["files_bytes"], told["output_file_bytes"], told["output_files_bytes"],
            told["displays"], told["displays_bytes"]) == (1 << 20, 1000, 100, 300, 0, 0)
    body = gateway.request("POST", "/api/v1/execute", b" " * (told["body_bytes"] + 1))
    assert (body.status, body.json()["limit_bytes"]) == (413, told["body_bytes"])
    for extra, status in ((0, 200), (1, 422)):
        files = [{"path": "a", "content": "x" * (told["files_bytes"] + extra)}]
        assert gateway.execute("{}", files=files)[0] == status


def test_no_more_files_are_told_of_than_the_memory_has_room_for(start):
    gateway = start(MAYFLY_MEMORY_BYTES="32MiB", MAYFLY_MAX_MEMORY_BYTES="32MiB", MAYFLY_MAX_BODY_BYTES="30MiB")
    most = caps(gateway)["files_bytes"]
    for extra, status in ((0, 200), (1, 422)):
        assert gateway.execute("{}", files=[{"path": "a", "content": "x" * (most + extra)}])[0] == status


def test_labels_that_are_no_list_do_no_harm(engine, start):
    engine.add_image("mayfly-python:latest", mayfly_packages=" a=  b  =c d=e=f " + "x" * 500, mayfly_version="v" * 99)
    [runtime] = runtimes(start())
    assert runtime["packages"][:4] == [{"name": "a", "version": ""}, {"name": "b", "version": None},
                                       {"name": "", "version": "c"}, {"name": "d", "version": "e=f"}]
    assert runtime["version"] == "v" * 23


def test_they_are_told_of_while_the_engine_is_away(engine, both):
    engine.stop()
    until(lambda: [runtime["warm"] for runtime in runtimes(both)] == [0, 0], "no box is left")
    assert [runtime["version"] for runtime in runtimes(both)] == [None, "3.11.2"]
    engine.start()
    # A create that was under way may have met an engine that had no time left to refuse it; it has its own deadline.
    until(lambda: [runtime["warm"] for runtime in runtimes(both)] == [2, 1], "they are back", timeout=30)


@pytest.mark.parametrize("asked, given", [("python", "python"), ("py", "python"), ("python3", "python"),
                                          ("python-data", "python-data"), ("data", "python-data")])
def test_a_request_chooses(engine, both, asked, given):
    until(lambda: [runtime["warm"] for runtime in runtimes(both)] == [2, 1], "all boxes are ready")
    with both.post(gated("g", echo=True) | {"runtime": asked}) as client:
        running(engine, 1)
        [box] = [each for each in engine.containers.values() if each.name == engine.runs[0].box]
        assert box.config["Image"] == engine.images[f"mayfly-{given}:latest"]["Id"]
        engine.open("g")
        answer = client.receive().json()
    assert json.loads(answer["stdout"])["runtime"] == given and answer["start"] == "warm"


def test_the_first_is_the_default(both):
    _, answer = both.execute(json.dumps({"echo": True}))
    assert json.loads(answer["stdout"])["runtime"] == "python"


@pytest.mark.parametrize("wrong, message", [
    ("ruby", 'must be one of "python", "python-data"'), ("", 'must be one of "python", "python-data"'),
    ("PYTHON", 'must be one of "python", "python-data"'), ("python\0", 'must be one of "python", "python-data"'),
    (3, "must be a string"), (None, "must be a string"), (["python"], "must be a string")])
def test_a_wrong_one_is_named(both, wrong, message):
    status, answer = both.execute("1", runtime=wrong)
    assert (status, answer["errors"]) == (422, [{"field": "runtime", "message": message}])


# ---- displays ----

def test_what_a_program_shows_is_in_the_answer(both):
    status, answer = both.execute(json.dumps({"displays": SHOWN, "stdout": "x"}))
    assert (status, answer["status"], answer["displays"]) == (200, "success", DISPLAYS)


def test_it_comes_while_the_program_runs(engine, both):
    request = {"code": json.dumps({"displays": SHOWN, "gate": "g"}), "timeout": 20}
    with EventStream(both.post(request, headers=[EVENTS])) as events:
        assert [event.data for event in events.until("display")][2:] == DISPLAYS[:1]
        assert events.until("display")[-1].data == DISPLAYS[1]
        engine.open("g")
        assert events.until("result")[-1].data["displays"] == DISPLAYS


@pytest.mark.parametrize("cap, shown", [
    ("1000", [["image/png", base64.b64encode(b"x" * 1001).decode()]]),
    ("8MiB", [["text/html", ""]] * 257),
    ("0", [["text/html", ""]]),
    ("8MiB", [["", PNG]]),
])
def test_a_box_that_shows_more_than_it_may_is_lost(start, cap, shown):
    status, answer = start(MAYFLY_DISPLAYS_BYTES=cap).execute(json.dumps({"displays": shown}))
    assert (status, answer["status"], answer["reason"]) == (200, "failed", "sandbox")
    assert len(answer["displays"]) <= 256 and sum(len(d["content"]) for d in answer["displays"]) <= 1000
