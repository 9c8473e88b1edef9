"""Runs the examples of the API's description: the answer to each job is the result of the same name."""

import json

import pytest

import realengine
from box import DATA_IMAGE, IMAGE
from gateway import EXECUTE, ROOT

RUNTIMES = f"python={IMAGE}=4,python-data={DATA_IMAGE}=2"
VARYING = {"id", "execution_time", "cpu_time", "peak_memory", "queue_time", "start", "slowest_time", "highest_memory"}
NAMES = ["success", "tests", "everything", "error", "signal", "timeout", "cpu_time_limit", "memory_limit", "pids_limit",
         "output_limit", "merged", "bytes", "files", "displays", "cell", "cell_error"]


@pytest.fixture(scope="module")
def gateway(engine):
    with realengine.Gateway(engine.host, MAYFLY_RUNTIMES=RUNTIMES) as running:
        yield running


@pytest.fixture(scope="module")
def examples(gateway):
    """Two dictionaries of examples, by name: jobs and results."""
    document = gateway.request("GET", "/openapi.json").json()
    shared = document["components"]["examples"]
    operation = document["paths"][EXECUTE]["post"]
    bodies = document["components"]["requestBodies"]["Job"], operation["responses"]["200"]
    return [{name: shared[example["$ref"].rpartition("/")[2]]["value"]
             for name, example in body["content"]["application/json"]["examples"].items()} for body in bodies]


def test_each_is_tested(examples):
    jobs, results = examples
    assert list(jobs) == list(results) == NAMES


def fixed(value):
    """What is the same each time."""
    if isinstance(value, list):
        return [fixed(each) for each in value]
    if isinstance(value, dict):
        return {key: fixed(each) for key, each in value.items() if key not in VARYING}
    return value


@pytest.mark.parametrize("name", NAMES)
def test_an_example_is_true(gateway, examples, name):
    job, result = (kind[name] for kind in examples)
    answer = gateway.request("POST", EXECUTE, json.dumps(job).encode(), [("content-type", "application/json")]).json()
    assert fixed(answer) == fixed(result)
    for run in answer.get("tests", [answer]):
        assert run["peak_memory"] > 1 << 20 and run["cpu_time"] > 0


def test_the_runtimes_of_the_example_are_there(gateway):
    document = gateway.request("GET", "/openapi.json").json()
    medium = document["paths"]["/api/v1/runtimes"]["get"]["responses"]["200"]["content"]["application/json"]
    runtimes = gateway.request("GET", "/api/v1/runtimes").json()["runtimes"]
    assert len(runtimes) == len(medium["example"]["runtimes"])
    for shown, told in zip(medium["example"]["runtimes"], runtimes):
        packages = told.pop("packages")
        assert all(package in packages for package in shown.pop("packages"))
        for of_host in ("cpus", "cpu_time"):
            shown["limits"][of_host]["maximum"] = told["limits"][of_host]["maximum"]
        assert 0 <= told.pop("warm") <= shown.pop("warm")
        assert told == shown


def test_the_readmes_answer_is_the_first_example(examples):
    _, results = examples
    text = (ROOT / "README.md").read_text("utf-8")
    shown = json.loads(text.partition("```json\n")[2].partition("```")[0])
    assert shown == results["success"]
