"""Compares the description with a running gateway: everything that it names exists, it names everything that exists,
and its numbers are right."""

import base64
import copy
import json
import re
import subprocess

import pytest

from asking import EXECUTIONS, JSON, SESSIONS, VARYING, Asking, ask, events_are, events_in, send, told_again
from description import OF_HTTP
from gateway import BINARY, EXECUTE, ROOT
from helpers import running

MOMENTS = re.compile(r'"[0-9-]+T[0-9:.]+Z"')
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}

def echoed(gateway, **fields):
    """Returns the job as the box gets it."""
    return json.loads(send(gateway, code='{"echo":true}', **fields).json()["stdout"])


def sources():
    return {path.name: path.read_text("utf-8") for path in (ROOT / "gateway/front").rglob("*.c")}


# ---- what is there ----

def test_it_has_the_version_of_the_binary(document):
    said = subprocess.run([BINARY, "--version"], capture_output=True, check=True, text=True)
    assert said.stdout == f"mayfly {document['info']['version']}\n"


def test_every_route_is_described_and_no_other(document):
    tables = sources()["routes.c"] + sources()["dialects.c"]
    routes = set(re.findall(r'^    \{"(/[^"]*)",', tables, re.MULTILINE))
    paths = set(document["paths"])
    assert routes - paths == {"/assets/{name}", "/docs/", "/redoc/", "/notebook/"} and paths <= routes


def test_every_path_takes_the_methods_described_and_no_other(gateway, description):
    for path, item in description.document["paths"].items():
        allowed = gateway.request("OPTIONS", path).headers["allow"].split(", ")
        described = {method.upper() for method in item if method != "parameters"}
        assert set(allowed) - {"HEAD", "OPTIONS"} == described, path


def test_every_code_of_an_error_is_described_and_no_other(description):
    told = {code for text in sources().values() for code in re.findall(r'[.>]code = "([a-z_]+)"', text)}
    code = description.schema("Code")
    assert told == set(code["enum"]) == set(re.findall(r"`([a-z]+_?[a-z_]*)`", code["description"])) & told
    assert code["enum"] == sorted(code["enum"])


def test_the_guide_names_every_status_of_an_error(description):
    described = set(re.findall(r"^\| ([0-9]{3}) \|", description.schema("Code")["description"], re.MULTILINE))
    guide = (ROOT / "gateway/docs/using.md").read_text("utf-8")
    rows = re.findall(r"^\| ((?:[45][0-9]{2}(?:, )?)+) \|", guide, re.MULTILINE)
    assert {status for row in rows for status in row.split(", ")} == described - {"499"}  # which no client can see


def test_every_get_is_answered_as_described(gateway, description):
    for path, method, operation in description.operations():
        if method == "GET" and "{" not in path:
            assert description.faults_of_answer(operation, gateway.request("GET", path)) == [], path


def test_what_stands_with_every_request_and_answer_is_described_of_each(description):
    for path, method, operation in description.operations():
        shared = [description.follow(each)["name"] for each in description.document["paths"][path]["parameters"]]
        assert {"X-Request-ID", "traceparent"} <= set(shared), path
        for status, answer in operation["responses"].items():
            headers = description.follow(answer)["headers"]
            for name in ("X-Request-ID", "Cache-Control", "X-Content-Type-Options"):
                assert description.follow(headers[name])["required"], f"{method} {path}, {status}"


HTML = [("accept", "text/html")]
# Of what each has an answer that is not what everybody gets.
ASKED = [("/", []), ("/", HTML), ("/notebook", []), ("/docs", []), ("/redoc", []), ("/openapi.json", []), ("/licenses.txt", [])]


@pytest.mark.parametrize("path, headers", ASKED)
def test_a_document_is_answered_as_described_in_each_form(gateway, description, path, headers):
    """Plain, compressed, and not once more."""
    operation = description.operation("GET", path)
    plain = gateway.request("GET", path, headers=headers)
    assert description.faults_of_answer(operation, plain) == []
    small, known, again = (gateway.request("GET", path, headers=[*headers, line]) for line in (
        ("accept-encoding", example_of(description, path, "Accept-Encoding")),
        ("if-none-match", example_of(description, path, "If-None-Match")),
        ("if-none-match", plain.headers.get("etag", '"none"'))))
    is_page = "etag" in plain.headers
    assert is_page == (path != "/" or headers == HTML)
    assert small.headers.get("content-encoding") == ("br" if is_page else None)
    assert len(small.body) < len(plain.body) or not is_page
    small.body = plain.body  # compressed it cannot be judged
    for answer in (small, known, again):
        assert description.faults_of_answer(operation, answer) == []
    assert known.status == again.status == (304 if is_page else 200)


def example_of(description, path, name):
    """That of a path's parameter."""
    [example] = [each["example"] for each in map(description.follow, description.document["paths"][path]["parameters"])
                 if each["name"] == name]
    return example


def test_every_header_described_is_sent_by_some_answer(gateway, description):
    """Those of keys, and Retry-After, by the answers of test_errors.py, which are held to their descriptions."""
    described = {name.lower() for _, _, operation in description.operations()
                 for answer in operation["responses"].values() for name in description.follow(answer)["headers"]}
    answers = [gateway.request("GET", path, headers=[*headers, ("accept-encoding", "gzip")]) for path, headers in ASKED]
    answers.append(gateway.request("DELETE", "/livez"))
    answers.append(ask(gateway, b'{"code":"1"}', [*JSON, ("accept", "text/event-stream")]))
    answers.append(gateway.request("POST", EXECUTIONS, b'{"code":"1"}', JSON))
    answers.append(gateway.request("GET", "/livez", headers=[("origin", "https://app.example")]))
    sent = {name for answer in answers for name in answer.headers} - OF_HTTP
    assert described == sent | {"ratelimit", "ratelimit-policy", "retry-after", "www-authenticate"}


def test_options_tell_what_405_tells(gateway, description):
    answer, refusal = (gateway.request(method, EXECUTE) for method in ("OPTIONS", "GET"))
    assert (answer.status, refusal.status) == (204, 405) and answer.headers["allow"] == refusal.headers["allow"]
    assert "`OPTIONS` is\nanswered with 204 and the methods in `Allow`" in description.document["info"]["description"]


def test_the_longest_id_of_a_request_told_is_the_longest(gateway, document):
    most = int(re.search("if that is 1 to ([0-9]+) letters", document["info"]["description"])[1])
    for length in (1, most, most + 1):
        answer = gateway.request("GET", "/livez", headers=[("x-request-id", "x" * length)])
        assert (answer.headers["x-request-id"] == "x" * length) == (length <= most)


# ---- its examples ----

def in_session(gateway, path):
    """The path, in a session that was just opened if it is one of a session's."""
    if not path.startswith(f"{SESSIONS}/"):
        return path
    answer = gateway.request("POST", SESSIONS, b"{}", JSON)
    assert answer.status == 201, answer
    return path.replace("{id}", answer.json()["id"])


def end_sessions(gateway):
    for session in gateway.request("GET", SESSIONS).json()["sessions"]:
        assert gateway.request("DELETE", f"{SESSIONS}/{session['id']}").status == 204


def test_every_job_of_the_examples_is_taken_and_answered_as_described(gateway, description):
    count = 0
    for path, method, operation in description.operations():
        for media_type, medium in description.contents(operation.get("requestBody", {})):
            for name, value in description.examples(medium):
                answer = gateway.request(method, in_session(gateway, path), json.dumps(value).encode(),
                                         [("content-type", media_type)])
                end_sessions(gateway)
                assert answer.status < 300, f"{path}, {name}: {answer}"
                assert description.faults_of_answer(operation, answer) == [], f"{path}, {name}"
                assert description.faults(medium["schema"], value) == [], f"{path}, {name}"
                count += 1
    assert count >= 9


def test_every_example_of_an_answer_is_as_described(description):
    count = 0
    for path, _, operation in description.operations():
        for status, answer in operation["responses"].items():
            for _, medium in description.contents(answer):
                for name, value in description.examples(medium):
                    assert description.faults(medium["schema"], value) == [], f"{path}, {status}, {name}"
                    count += 1
    assert count >= 40


def test_every_example_of_a_schema_is_as_the_schema(description):
    count = 0
    for schema in nodes(description.document["components"]):
        for value in schema.get("examples", []) if isinstance(schema.get("examples"), list) else []:
            assert description.faults(schema, value) == [], schema
            count += 1
    assert count >= 10


def nodes(tree):
    """Every object within."""
    if isinstance(tree, dict):
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []:
        yield from nodes(child)


def test_what_a_request_may_have_is_taken_as_its_schemas_show_it(gateway, description):
    job = description.schema("Job")["properties"]
    [runtime], [path] = job["runtime"]["examples"], description.schema("Path")["examples"]
    globs = description.schema("Glob")["examples"]
    assert send(gateway, runtime=runtime, files=[{"path": path, "content": ""}], outputs=globs).status == 200
    files = [{"path": root + path, "content": ""} for root in ("/box/a/", "/mnt/data/b/")]
    for file in files:
        assert not description.faults(description.schema("Path"), file["path"])
    assert send(gateway, files=files, outputs=[f"/mnt/data/{glob}" for glob in globs]).status == 200


def shown_at(description, path, media_type="application/json"):
    """The example of what a GET answers."""
    return description.operation("GET", path)["responses"]["200"]["content"][media_type]["example"]


def test_what_says_how_the_gateway_is_says_it_as_shown(gateway, description):
    """Of their errors, test_errors.py sees to that."""
    for path in ("/", "/api/v1", "/health", "/readyz", "/livez"):
        assert gateway.request("GET", path).json() == shown_at(description, path), path
    shown = shown_at(description, "/metrics", "text/plain")
    assert shown in gateway.request("GET", "/metrics").body.decode()


def test_every_link_leads_somewhere(gateway):
    for path in gateway.request("GET", "/").json()["links"].values():
        assert gateway.request("OPTIONS", path).status == 204, path


def test_runtimes_are_told_of_as_shown(gateway, description):
    """By value on a real engine (tests/docker/test_examples.py), whose images have labels."""
    shown = copy.deepcopy(shown_at(description, "/api/v1/runtimes"))
    told = gateway.request("GET", "/api/v1/runtimes").json()
    for one, other in zip(shown["runtimes"], told["runtimes"], strict=True):
        assert list(one) == list(other) and list(one["limits"]) == list(other["limits"])
        assert (one["name"], one["aliases"]) == (other["name"], other["aliases"])
        for limits in (one["limits"], other["limits"]):
            limits.pop("cpus")  # the host's, as the next
            limits.pop("cpu_time")
        assert one["limits"] == other["limits"]


def test_no_example_stands_apart(description):
    """Each is of a request, of an answer, or of the list of examples that these refer to."""
    bodies = [operation.get("requestBody", {}) for _, _, operation in description.operations()]
    bodies += [answer for _, _, operation in description.operations() for answer in operation["responses"].values()]
    used = {id(value) for body in bodies for _, medium in description.contents(body)
            for _, value in description.examples(medium)}
    for name, example in description.document["components"]["examples"].items():
        assert id(example["value"]) in used, name


# ---- executions ----

@pytest.fixture
def asking(gateway, description):
    return Asking(gateway, description)


def test_an_execution_is_as_described_from_its_beginning_to_its_end(asking, engine, description):
    begun = asking.submit({"gate": "end", "stdout": "4\n"})
    path = begun.headers["location"]
    running(engine, 1)
    going = asking("GET", f"{path}?wait=0.01")
    for method, of, answer in (("POST", EXECUTIONS, begun), ("GET", path, going)):
        medium = description.named(description.operation(method, of), answer.status)["content"]["application/json"]
        shown = [value for _, value in description.examples(medium) if value.keys() == {"id", "status"}]
        assert shown == [answer.json() | {"id": shown[0]["id"]}]
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
    example = description.example("CanceledResult")
    assert {name for name in example if example[name] != answer[name]} <= VARYING - {"cpu_time", "peak_memory"}


MORE = {"stdout": "out\n", "stderr": "err\n", "files": [["out.csv", "a,b\n"]]}


def test_events_are_as_their_example(asking, description):
    body = json.dumps({"code": json.dumps({"stdout": "4\n"})}).encode()
    events_are(description, "Events", asking("POST", EXECUTE, body, accept="text/event-stream").body.decode())


def test_more_events_are_as_their_examples(asking, description):
    """Also those that a client gets that comes back for the rest."""
    shown = description.example("MoreEvents")
    [display] = json.loads(shown.rpartition("data: ")[2])["displays"]
    more = MORE | {"displays": [[display["media_type"], base64.b64encode(display["content"].encode()).decode()]]}
    body = json.dumps({"code": json.dumps(more), "outputs": ["*.csv"]}).encode()
    path = asking("POST", EXECUTIONS, body).headers["location"]
    assert asking("GET", f"{path}?wait=20").json()["status"] == "success"
    events_are(description, "MoreEvents", asking("GET", f"{path}/events").body.decode())
    events_are(description, "ResumedEvents", asking("GET", f"{path}/events", last_event_id="5").body.decode())


def test_every_kind_of_event_is_described_and_has_an_example(description):
    table = set(re.findall(r"(?m)^\| (`.*?`) \|", description.schema("EventStream")["description"])) - {"`event`"}
    described = {name.strip("` ") for row in table for name in row.split(",")}
    examples = description.document["components"]["examples"]
    shown = {name for example in examples for name in re.findall(r"(?m)^event: (.*)$", str(examples[example]["value"]))}
    sent = set(re.findall(r'\] = "([a-z]+)"', sources()["sse.c"]))
    sent |= set(re.findall(r'"([a-z]+)"', sources()["follower.c"]))
    assert described == shown == sent - {"no"}  # which is a header's value


# ---- sessions ----

def new_session(asking):
    return asking("POST", SESSIONS).headers["location"]


def shape(value):
    """Returns names and types, without values that differ between sessions."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return type(value)


def test_a_session_is_as_described_from_its_beginning_to_its_end(asking, engine, description):
    path = new_session(asking)
    idle = asking("GET", path).json()
    assert shape(idle) == shape(description.example("IdleSession"))
    assert asking("POST", SESSIONS, json.dumps({"id": idle["id"]}).encode()).status == 200
    assert asking("POST", f"{path}/keepalive").status == 200
    with asking.gateway.post({"code": json.dumps({"gate": "interrupted"}), "timeout": 20}, f"{path}/executions") as client:
        running(engine, 1)
        busy = asking("GET", path).json()
        assert shape(busy) == shape(description.example("BusySession")) and list(busy) == list(idle)
        assert asking("DELETE", f"{path}/executions/{busy['running']}").status == 202
        assert client.receive().status == 200
    assert asking("DELETE", path).status == asking("DELETE", path).status == 204
    assert asking("GET", path).json()["reason"] == "deleted"
    assert asking("GET", SESSIONS).json() == {"sessions": []}


def test_the_answer_of_a_cell_is_as_its_examples(asking, description):
    path = new_session(asking)
    varying = VARYING | {"session", "error"}
    for name, directive in (("SessionCellResult", {"stdout": "4\n"}), ("SessionTimeoutResult", {"gate": "never"})):
        body = json.dumps({"code": json.dumps(directive), "timeout": 0.2}).encode()
        answer = asking("POST", f"{path}/executions", body).json()
        example = description.example(name)
        assert list(answer) == list(example) and shape(answer["session"]) == shape(example["session"])
        assert {member for member in example if example[member] != answer[member]} <= varying, answer
        for member in ("state", "generation", "state_lost", "interrupted", "dropped_bytes"):
            assert answer["session"][member] == example["session"][member]
    end_sessions(asking.gateway)


def test_the_events_of_a_cell_are_as_their_example(asking, description):
    path = new_session(asking)
    body = json.dumps({"code": json.dumps({"stdout": "4\n"})}).encode()
    text = asking("POST", f"{path}/executions", body, accept="text/event-stream").body.decode()
    shown = description.example("SessionEvents")
    for old, new in zip(MOMENTS.findall(shown) + ["notebook-1"], MOMENTS.findall(text) + [path.rpartition("/")[2]], strict=True):
        shown = shown.replace(old, new)
    given, expected = ([told_again(part) for event in events_in(each) for part in event] for each in (text, shown))
    assert given == expected
    end_sessions(asking.gateway)


def test_the_files_of_a_session_are_as_described(asking):
    path = new_session(asking)
    assert asking("PUT", f"{path}/files/in.csv", b"a,b\n", content_type="text/csv").status == 204
    assert asking("GET", f"{path}/files").json() == {"files": [{"path": "in.csv", "size_bytes": 4}], "truncated": False}
    assert asking("GET", f"{path}/files/in.csv").body == b"a,b\n"
    assert asking("DELETE", f"{path}/files/in.csv").status == 204
    end_sessions(asking.gateway)


def test_the_numbers_of_a_session_hold(gateway, description):
    fields = description.schema("SessionRequest")["properties"]
    answer = gateway.request("POST", SESSIONS, b"{}", JSON).json()
    assert (answer["idle_timeout"], answer["max_lifetime"]) == tuple(fields[name]["default"] for name in ("idle_timeout", "max_lifetime"))
    for name in ("idle_timeout", "max_lifetime"):
        most = int(re.search(r"At most ([0-9]+)\.", fields[name]["description"])[1])
        for value, status in ((fields[name]["minimum"], 201), (most, 201), (fields[name]["minimum"] * 0.999, 422), (most + 1, 422)):
            assert gateway.request("POST", SESSIONS, json.dumps({name: value}).encode(), JSON).status == status, (name, value)
            end_sessions(gateway)


# ---- its numbers ----

ONLY_WITH_TESTS = {"tests", "stop_on", "total_timeout", "tests_output"}  # tests/system/test_submissions.py has their ranges


def numbers(description):
    """(field, schema) of every number of a job; limits.pids is ("limits", "pids")."""
    job, limits = description.schema("Job"), description.schema("Limits")
    found = [((name,), schema) for name, schema in job["properties"].items() if name not in ONLY_WITH_TESTS]
    found += [(("limits", name), schema) for name, schema in limits["properties"].items()]
    return [(field, schema) for field, schema in found if schema.get("type") in ("number", "integer")]


def with_field(field, value):
    return {field[0]: value} if len(field) == 1 else {field[0]: {field[1]: value}}


def test_the_defaults_described_are_the_defaults(gateway, description):
    job = description.schema("Job")["properties"]
    limits = description.schema("Limits")["properties"]
    explicit = {name: schema["default"] for name, schema in job.items()
                if "default" in schema and name not in ONLY_WITH_TESTS}
    explicit["limits"] = {name: schema["default"] for name, schema in limits.items() if "default" in schema}
    assert len(explicit) >= 8 and len(explicit["limits"]) == 4
    assert echoed(gateway) == echoed(gateway, **explicit)
    seen = [with_field(field, schema.get("default", 0) + 1) for field, schema in numbers(description)
            if field[-1] not in ("cpus", "queue_timeout")]  # of which no box may have more by default
    for changed in seen:
        assert echoed(gateway, **changed) != echoed(gateway), changed


def test_the_minima_described_are_the_minima(gateway, description):
    found = numbers(description)
    assert len(found) == 7
    for field, schema in found:
        taken = send(gateway, **with_field(field, schema["minimum"]))
        assert taken.status == 200 or taken.json()["code"] == "busy" and field == ("queue_timeout",), field
        refused = send(gateway, **with_field(field, schema["minimum"] * 0.999))
        assert refused.status == 422 and refused.json()["errors"][0]["field"] == ".".join(field)


def test_the_maxima_told_are_the_maxima(gateway, description):
    told = 0
    for field, schema in numbers(description):
        most = re.search(r"At most ([0-9]+) ?([KMG]iB)?\.", schema["description"])
        if field[-1] in ("cpus", "cpu_time"):
            assert "At most the number of the host's" in schema["description"]
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


@pytest.mark.parametrize("path", [
    "", "/a", "/box", "/box/", "/box//a", "/mnt/data/", "/mnt/a", "/boxes/a", "a/", "a//b", "a\nb", "a\u007f",
    "/".join("a" * 16), "x" * 1025])
def test_a_path_that_the_description_does_not_take_is_refused(gateway, description, path):
    assert description.faults(description.schema("Path"), path)
    assert send(gateway, files=[{"path": path, "content": ""}]).status == 422
    assert send(gateway, outputs=[path]).status == 422
