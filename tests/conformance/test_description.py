"""The description against a running gateway: what it names is there, what is there it names, and its numbers hold."""

import hashlib
import json
import re
import signal
import subprocess

import pytest

from gateway import BINARY, EXECUTE, ROOT, Gateway
from helpers import gated, running

EXECUTIONS = "/api/v1/executions"
JSON = [("content-type", "application/json")]
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
# What each example of an error is the answer to.
MISTAKES = {
    "malformed_json": (b"", JSON),
    "body_too_large": (b" " * ((8 << 20) + 1), JSON),
    "unsupported_media_type": (b"print(1)", [("content-type", "text/x-python")]),
    "invalid_request": (b'{"timeout":31}', JSON),
}


def ask(gateway, body, headers=JSON):
    return gateway.request("POST", EXECUTE, body, headers)


def send(gateway, **fields):
    return ask(gateway, json.dumps({"code": "1", **fields}).encode())


def echoed(gateway, **fields):
    """The job as the box gets it."""
    return json.loads(send(gateway, code='{"echo":true}', **fields).json()["stdout"])


def sources():
    return {path.name: path.read_text("utf-8") for path in (ROOT / "gateway/front").glob("*.c")}


# ---- what is there ----

def test_it_has_the_version_of_the_binary(document):
    said = subprocess.run([BINARY, "--version"], capture_output=True, check=True, text=True)
    assert said.stdout == f"mayfly {document['info']['version']}\n"


def test_every_route_is_described_and_no_other(document):
    routes = set(re.findall(r'^    \{"(/[^"]*)",', sources()["routes.c"], re.MULTILINE))
    assert routes - set(document["paths"]) == {"/assets/{name}"} and set(document["paths"]) <= routes


def test_every_path_takes_the_methods_described_and_no_other(gateway, description):
    for path, item in description.document["paths"].items():
        allowed = gateway.request("OPTIONS", path.replace("{id}", "0")).headers["allow"].split(", ")
        described = {method.upper() for method in item if method != "parameters"}
        assert set(allowed) - {"HEAD", "OPTIONS"} == described, path


def test_every_code_of_an_error_is_described_and_no_other(description):
    told = {code for text in sources().values() for code in re.findall(r'[.>]code = "([a-z_]+)"', text)}
    code = description.schema("Code")
    assert told == set(code["enum"]) == set(re.findall(r"`([a-z]+_?[a-z_]*)`", code["description"])) & told
    assert code["enum"] == sorted(code["enum"])


def test_the_guide_names_every_status_of_an_error(description):
    described = set(re.findall(r"^\| ([0-9]{3}) \|", description.schema("Code")["description"], re.MULTILINE))
    rows = re.findall(r"^\| ((?:[0-9]{3}(?:, )?)+) \|", (ROOT / "gateway/README.md").read_text("utf-8"), re.MULTILINE)
    assert {status for row in rows for status in row.split(", ")} == described - {"499"}  # which no client can see


def test_every_get_is_answered_as_described(gateway, description):
    for path, method, operation in description.operations():
        if method == "GET" and "{" not in path:
            assert description.faults_of_answer(operation, gateway.request("GET", path)) == [], path


def test_every_answer_described_has_the_id_of_its_request(description):
    for path, method, operation in description.operations():
        for status, answer in operation["responses"].items():
            header = description.follow(answer).get("headers", {}).get("X-Request-ID")
            assert header and description.follow(header)["required"], f"{method} {path}, {status}"


def test_the_longest_id_of_a_request_told_is_the_longest(gateway, document):
    most = int(re.search("one of 1 to ([0-9]+) letters", document["info"]["description"])[1])
    for length in (1, most, most + 1):
        answer = gateway.request("GET", "/livez", headers=[("x-request-id", "x" * length)])
        assert (answer.headers["x-request-id"] == "x" * length) == (length <= most)


# ---- its examples ----

def test_every_job_of_the_examples_is_taken_and_answered_as_described(gateway, description):
    count = 0
    for path, method, operation in description.operations():
        for media_type, medium in description.contents(operation.get("requestBody", {})):
            for name, value in description.examples(medium):
                answer = gateway.request(method, path, json.dumps(value).encode(), [("content-type", media_type)])
                assert answer.status < 300, f"{path}, {name}: {answer}"
                assert description.faults_of_answer(operation, answer) == [], f"{path}, {name}"
                assert description.faults(medium["schema"], value) == [], f"{path}, {name}"
                count += 1
    assert count >= 9


def test_every_example_of_an_answer_is_as_described(description):
    count = 0
    for path, _, operation in description.operations():
        for status, answer in operation["responses"].items():
            for media_type, medium in description.contents(answer):
                for name, value in description.examples(medium):
                    assert description.faults(medium["schema"], value) == [], f"{path}, {status}, {name}"
                    if media_type == "application/problem+json":
                        assert (value["code"], str(value["status"])) == (name, status)
                    count += 1
    assert count >= 40


def is_example(description, answer, name, method="POST", path=EXECUTE):
    """Is it, word for word, this example of an error?"""
    operation = description.operation(method, path)
    named = description.follow(operation["responses"][str(answer.status)])
    assert description.faults_of_answer(operation, answer) == []
    return answer.json() == dict(description.examples(named["content"]["application/problem+json"]))[name]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_as_its_example(gateway, description, mistake):
    assert is_example(description, ask(gateway, *MISTAKES[mistake]), mistake)


def test_what_keys_forbid_is_answered_as_its_example(engine, description, tmp_path):
    entry = {"name": "one", "sha256": hashlib.sha256(b"key").hexdigest(), "runs_per_minute": 1}
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [entry]}), "ascii")
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=1, MAYFLY_KEYS_FILE=tmp_path / "keys.json") as gateway:
        assert is_example(description, ask(gateway, b'{"code":"1"}'), "unauthorized")
        allowed, refused = (ask(gateway, b'{"code":"1"}', [*JSON, ("x-api-key", "key")]) for _ in range(2))
        assert is_example(description, refused, "rate_limited")
    for answer in (allowed, refused):
        for name in ("RateLimit-Policy", "RateLimit"):
            schema = description.document["components"]["headers"][name.replace("-", "")]["schema"]
            assert description.faults(schema, answer.headers[name.lower()]) == []


def test_a_gateway_that_stops_answers_as_its_example(engine, description):
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=1) as gateway, gateway.post(gated("stop")) as last:
        running(engine, 1)
        gateway.process.popen.send_signal(signal.SIGTERM)
        gateway.wait_health(503)
        assert is_example(description, ask(gateway, b'{"code":"1"}'), "draining")
        engine.open("stop")
        assert last.receive().status == 200


# ---- executions ----

class Asking:
    """Asks, and judges each answer."""

    def __init__(self, gateway, description):
        self.gateway, self.description = gateway, description

    def __call__(self, method, path, body=b"", **headers):
        lines = [*JSON, *((name.replace("_", "-"), value) for name, value in headers.items())]
        answer = self.gateway.request(method, path, body, lines)
        assert self.description.faults_of_answer(self.description.operation(method, path), answer) == [], answer
        return answer

    def submit(self, directive, **headers):
        return self("POST", EXECUTIONS, json.dumps({"code": json.dumps(directive), "timeout": 20}).encode(), **headers)


@pytest.fixture
def asking(gateway, description):
    return Asking(gateway, description)


def test_an_execution_is_as_described_from_its_beginning_to_its_end(asking, engine):
    path = asking.submit({"gate": "end", "stdout": "4\n"}).headers["location"]
    running(engine, 1)
    assert asking("GET", f"{path}?wait=0.01").json()["status"] == "running"
    engine.open("end")
    assert asking("GET", f"{path}?wait=20").json()["status"] == "success"
    assert asking("DELETE", path).json()["status"] == "success"
    assert asking("GET", f"{path}/events").body.endswith(b"\n\n")
    assert asking("GET", f"{path}/events", last_event_id="4").status == 204
    assert asking("GET", f"{path}?wait=61").status == 422
    assert asking("GET", f"{path}/events", last_event_id="5").status == 422


def test_a_canceled_execution_is_as_its_example(asking, engine, description):
    path = asking.submit({"gate": "never"}).headers["location"]
    running(engine, 1)
    answer = asking("DELETE", path).json()
    example = description.document["components"]["examples"]["CanceledResult"]["value"]
    assert {name for name in example if example[name] != answer[name]} <= {"id", "execution_time", "queue_time"}


def test_a_wait_for_a_box_that_ends_is_answered_as_its_examples(engine, description):
    body = b'{"code":"1","queue_timeout":1}'
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1) as gateway, \
            gateway.post(gated("busy")) as first:
        running(engine, 1)
        asking = Asking(gateway, description)
        path = asking("POST", EXECUTIONS, body).headers["location"]
        assert is_example(description, ask(gateway, body), "busy")
        answer = asking("GET", f"{path}?wait=20").json()
        engine.open("busy")
        assert first.receive().status == 200
    example = description.document["components"]["examples"]["NotStartedResult"]["value"]
    assert {name for name in example if example[name] != answer[name]} == {"id"}, answer


def test_an_execution_that_never_was_is_answered_as_its_example(asking, description):
    path = f"{EXECUTIONS}/0123456789abcdef"
    for method, rest in (("GET", ""), ("DELETE", ""), ("GET", "/events")):
        assert is_example(description, asking(method, path + rest), "execution_not_found", method, path + rest)


def test_an_execution_that_is_not_kept_any_more_is_answered_as_its_example(engine, description):
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=1, MAYFLY_EXECUTIONS_MAX=1) as gateway:
        asking = Asking(gateway, description)
        first = asking.submit({}).headers["location"]
        assert asking("GET", f"{first}?wait=20").json()["status"] == "success"
        assert asking.submit({}).status == 202
        assert is_example(description, asking("GET", first), "execution_expired", "GET", first)


def test_a_key_for_another_body_is_answered_as_its_example(asking, description):
    assert asking.submit({"stdout": "1"}, idempotency_key="k").status == 202
    for path in (EXECUTE, EXECUTIONS):
        answer = asking("POST", path, b'{"code":"2"}', idempotency_key="k")
        assert is_example(description, answer, "idempotency_key_reused", "POST", path)
    assert asking("POST", EXECUTE, b'{"code":"2"}', idempotency_key="\u00e9").status == 422


def test_events_are_as_their_example(asking, description):
    body = json.dumps({"code": json.dumps({"stdout": "4\n"})}).encode()
    answer = asking("POST", EXECUTE, body, accept="text/event-stream")
    example = description.document["components"]["examples"]["Events"]["value"]
    given, told = ([block.split("\n") for block in text.strip("\n").split("\n\n")]
                   for text in (answer.body.decode(), example))
    assert [lines[:2] for lines in given] == [lines[:2] for lines in told]
    for lines, example_lines in zip(given, told):
        data, example_data = (json.loads(text[2].removeprefix("data: ")) for text in (lines, example_lines))
        assert type(data) is type(example_data) and list(data) == list(example_data)
    assert description.faults(description.schema("Result"), data) == []
    table = description.schema("EventStream")["description"]
    assert {lines[1].removeprefix("event: ") for lines in given} <= set(re.findall("`([a-z]+)`", table))


# ---- its numbers ----

def numbers(description):
    """(field, schema) of every number of a job; limits.pids is ("limits", "pids")."""
    job, limits = description.schema("Job"), description.schema("Limits")
    found = [((name,), schema) for name, schema in job["properties"].items()]
    found += [(("limits", name), schema) for name, schema in limits["properties"].items()]
    return [(field, schema) for field, schema in found if schema.get("type") in ("number", "integer")]


def with_field(field, value):
    return {field[0]: value} if len(field) == 1 else {field[0]: {field[1]: value}}


def test_the_defaults_described_are_the_defaults(gateway, description):
    job = description.schema("Job")["properties"]
    limits = description.schema("Limits")["properties"]
    explicit = {name: schema["default"] for name, schema in job.items() if "default" in schema}
    explicit["limits"] = {name: schema["default"] for name, schema in limits.items()}
    assert len(explicit) >= 8 and len(explicit["limits"]) == 4
    assert echoed(gateway) == echoed(gateway, **explicit)
    seen = [with_field(field, schema["default"] + 1) for field, schema in numbers(description)
            if field[-1] not in ("cpus", "queue_timeout")]  # of which no box may have more by default
    for changed in seen:
        assert echoed(gateway, **changed) != echoed(gateway), changed


def test_the_minima_described_are_the_minima(gateway, description):
    found = numbers(description)
    assert len(found) == 6
    for field, schema in found:
        taken = send(gateway, **with_field(field, schema["minimum"]))
        assert taken.status == 200 or taken.json()["code"] == "busy" and field == ("queue_timeout",), field
        refused = send(gateway, **with_field(field, schema["minimum"] * 0.999))
        assert refused.status == 422 and refused.json()["errors"][0]["field"] == ".".join(field)


def test_the_maxima_told_are_the_maxima(gateway, description):
    told = 0
    for field, schema in numbers(description):
        most = re.search(r"At most ([0-9]+) ?([KMG]iB)?\.", schema["description"])
        if field[-1] == "cpus":
            assert "At most the host's." in schema["description"]
            continue
        most = int(most[1]) * UNITS[most[2] or ""]
        assert send(gateway, **with_field(field, most)).status == 200, field
        assert send(gateway, **with_field(field, most + 1)).status == 422, field
        told += 1
    assert told == 5


@pytest.mark.parametrize("field, item", [
    ("args", "x"), ("files", None), ("outputs", "*")])
def test_the_longest_array_described_is_the_longest(gateway, description, field, item):
    most = description.schema("Job")["properties"][field]["maxItems"]
    values = [{"path": str(i), "content": ""} if item is None else item for i in range(most + 1)]
    assert send(gateway, **{field: values[:most]}).status == 200
    refused = send(gateway, **{field: values})
    assert refused.json()["errors"] == [{"field": field, "message": f"must have at most {most} elements"}]


def test_the_caps_that_runtimes_tell_are_those_described(gateway, description):
    """Also what the job's description says of them."""
    job, result = (description.schema(name)["properties"] for name in ("Job", "Result"))
    limits = gateway.request("GET", "/api/v1/runtimes").json()["runtimes"][0]["limits"]
    told = {name: limit["maximum"] for name, limit in limits.items()}
    assert told["files"] == job["files"]["maxItems"] and told["outputs"] == job["outputs"]["maxItems"]
    assert told["output_files"] == result["files"]["maxItems"]
    assert told["displays"] == result["displays"]["maxItems"]
    body = description.document["components"]["requestBodies"]["Job"]
    content = description.schema("OutputFile")["properties"]["content"]
    for name, schema in (("body_bytes", body), ("files_bytes", job["files"]), ("output_file_bytes", content),
                         ("output_files_bytes", result["files"]), ("displays_bytes", result["displays"])):
        assert f"t most {told[name] >> 20} MiB" in " ".join(schema["description"].split()), name


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "a\nb", "a\u007f", "/".join("a" * 16), "x" * 1025])
def test_a_path_that_the_description_does_not_take_is_refused(gateway, description, path):
    assert description.faults(description.schema("Path"), path)
    assert send(gateway, files=[{"path": path, "content": ""}]).status == 422
    assert send(gateway, outputs=[path]).status == 422
