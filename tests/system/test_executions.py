"""/api/v1/executions: runs that continue without their client; and Idempotency-Key, by which a repeated request finds
its run."""

import json
import signal
import threading

import pytest

from eventstream import EVENTS, EventStream, said
from gateway import EXECUTE
from helpers import gated, running, settled, until

EXECUTIONS = "/api/v1/executions"
JSON = ("content-type", "application/json")


def submit(gateway, directive, headers=(), **fields):
    """The id of a new execution."""
    body = json.dumps({"code": json.dumps(directive), **fields}).encode()
    response = gateway.request("POST", EXECUTIONS, body, [JSON, *headers])
    assert response.status == 202, response
    path = response.headers["location"]
    assert path == f"{EXECUTIONS}/{response.json()['id']}"
    assert list(response.json()) == ["id", "status"]
    return response.json()["id"]


def look(gateway, number, query="", method="GET"):
    response = gateway.request(method, f"{EXECUTIONS}/{number}{query}")
    return response.status, response.json()


def over(gateway, number):
    status, answer = look(gateway, number, "?wait=20")
    assert status == 200 and "stdout" in answer, answer
    return answer


def events_of(gateway, number, last=None):
    client = gateway.client()
    headers = [] if last is None else [("last-event-id", str(last))]
    client.send("GET", f"{EXECUTIONS}/{number}/events", headers=headers)
    return EventStream(client)


def key(text):
    return ("idempotency-key", text)


# ---- from 202 to the answer ----

def test_a_run_is_asked_for_later(engine, gateway):
    number = submit(gateway, {"stdout": "x", "gate": "g"}, timeout=20)
    running(engine, 1)
    until(lambda: look(gateway, number) == (200, {"id": number, "status": "running"}), "it is running")
    engine.open("g")
    answer = over(gateway, number)
    assert answer["id"] == number and answer["status"] == "success" and answer["stdout"] == "x"
    assert look(gateway, number) == (200, answer)
    assert list(answer) == list(gateway.execute({})[1])


def test_a_run_without_a_box_is_queued(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        number = submit(gateway, {"stdout": "x"})
        assert look(gateway, number, "?wait=0.05") == (200, {"id": number, "status": "queued"})
        engine.open("g")
        assert over(gateway, number)["stdout"] == "x"
        assert first.receive().status == 200


def test_all_who_wait_are_answered_at_the_end(engine, gateway):
    number = submit(gateway, {"stdout": "x", "gate": "g"}, timeout=20)
    running(engine, 1)
    clients = [gateway.client() for _ in range(5)]
    for client in clients:
        client.send("GET", f"{EXECUTIONS}/{number}?wait=20")
    clients.pop().close()  # one hangs up: nobody minds
    with events_of(gateway, number) as stream:
        stream.until("stdout")
        engine.open("g")
        assert stream.until("result")[-1].data["stdout"] == "x"
    answers = [client.receive().json() for client in clients]
    assert all(answer == answers[0] and answer["stdout"] == "x" for answer in answers)
    for client in clients:
        client.close()


def test_a_run_of_each_end_is_kept(shared):
    for directive, status in (({"exit": 2}, "error"), ({"signal": 9}, "error"), ({"lose": "after_started"}, "failed")):
        assert over(shared, submit(shared, directive))["status"] == status


def test_head_gives_the_head(shared):
    number = submit(shared, {"stdout": "x" * 100})
    length = len(json.dumps(over(shared, number), separators=(",", ":")))
    with shared.client() as client:
        client.send("HEAD", f"{EXECUTIONS}/{number}")
        status, headers = client.receive_head()
        assert status == 200 and int(headers["content-length"]) >= length - 5
        client.send("HEAD", f"{EXECUTIONS}/{number}/events")
        assert client.receive_head()[1]["content-type"] == "text/event-stream"
        assert client.request("GET", "/livez").status == 200


@pytest.mark.parametrize("query", ["?wait=", "?wait=x", "?wait=-1", "?wait=61", "?wait=1e1", "?wait=1.2345",
                                   "?wait=5&wait=5", "?wait=5&x=y", "?wait=%31", "?weight=1", "?=", "?wait"])
def test_a_bad_wait_is_named(shared, query):
    status, problem = look(shared, submit(shared, {}), query)
    assert status == 422 and problem["code"] == "invalid_request"
    assert [error["field"] for error in problem["errors"]] == (["wait"] if query.startswith("?wait=") else [""])


# ---- which there are ----

@pytest.mark.parametrize("number", ["0000000000000000", "0123456789abcdef", "x", "0123456789ABCDEF",
                                    "0123456789abcde", "0123456789abcdef0", "%30123456789abcdef"])
@pytest.mark.parametrize("method, rest", [("GET", ""), ("DELETE", ""), ("GET", "/events"), ("GET", "?wait=x")])
def test_what_never_was_is_404(shared, number, method, rest):
    status, problem = look(shared, number, rest, method)
    assert status == 404 and problem["code"] == "execution_not_found"


@pytest.mark.parametrize("method, path", [("GET", EXECUTIONS), ("PUT", f"{EXECUTIONS}/x"), ("POST", f"{EXECUTIONS}/x"),
                                          ("DELETE", f"{EXECUTIONS}/x/events")])
def test_a_wrong_method_is_405(shared, method, path):
    response = shared.request(method, path)
    assert response.status == 405 and "OPTIONS" in response.headers["allow"]


@pytest.mark.parametrize("path", [f"{EXECUTIONS}/", f"{EXECUTIONS}/x/", f"{EXECUTIONS}/x/event", f"{EXECUTIONS}/x/events/"])
def test_a_wrong_path_is_404(shared, path):
    response = shared.request("GET", path)
    assert response.status == 404 and response.json()["code"] == "not_found"


def expired(gateway, number):
    status, answer = look(gateway, number)
    return status == 410 and answer["code"] == "execution_expired"


def test_it_is_gone_after_its_time(start):
    gateway = start(MAYFLY_EXECUTIONS_KEEP_MS=100)
    number = submit(gateway, {})
    until(lambda: expired(gateway, number), "it is let go")
    assert look(gateway, number, "/events")[0] == look(gateway, number, method="DELETE")[0] == 410


def test_one_that_goes_on_does_not_expire(engine, start):
    gateway = start(MAYFLY_EXECUTIONS_KEEP_MS=1)
    going = submit(gateway, {"gate": "g"}, timeout=20)
    running(engine, 1)
    number = submit(gateway, {})
    until(lambda: expired(gateway, number), "the other is let go")
    assert look(gateway, going)[1]["status"] == "running"
    with events_of(gateway, going) as stream:
        engine.open("g")
        assert stream.until("result")[-1].data["status"] == "success"


def test_the_oldest_makes_room(start):
    gateway = start(MAYFLY_EXECUTIONS_MAX=2)
    numbers = []
    for _ in range(4):
        numbers.append(submit(gateway, {"stdout": "x"}))
        over(gateway, numbers[-1])
    assert [look(gateway, number)[0] for number in numbers] == [410, 410, 200, 200]


def test_memory_is_bounded_too(start):
    gateway = start(MAYFLY_EXECUTIONS_BYTES="300KiB")
    numbers = [submit(gateway, {"flood_bytes": 100000})]
    over(gateway, numbers[0])
    numbers.append(submit(gateway, {"flood_bytes": 100000}))
    over(gateway, numbers[1])
    assert [look(gateway, number)[0] for number in numbers] == [200, 200]
    numbers.append(submit(gateway, {"flood_bytes": 200000}))
    with gateway.client() as client:
        client.send("GET", f"{EXECUTIONS}/{numbers[2]}?wait=20")
        assert client.receive().json()["stdout_bytes"] == 200000
    assert [look(gateway, number)[0] for number in numbers] == [410, 410, 200]
    huge = submit(gateway, {"flood_bytes": 400000})
    until(lambda: expired(gateway, huge), "too large to be kept at all")


def test_those_that_go_on_leave_no_room(engine, start):
    gateway = start(MAYFLY_EXECUTIONS_MAX=2, MAYFLY_WARM=4)
    numbers = [submit(gateway, {"gate": "g"}, timeout=20) for _ in range(2)]
    running(engine, 2)
    body = json.dumps({"code": "{}"}).encode()
    for path, headers in ((EXECUTIONS, [JSON]), (EXECUTE, [JSON, key("k")])):
        response = gateway.request("POST", path, body, headers)
        assert response.status == 503 and response.json()["code"] == "busy" and response.headers["retry-after"] == "1"
    assert gateway.execute({})[0] == 200  # it is not kept
    engine.open("g")
    assert [over(gateway, number)["status"] for number in numbers] == ["success"] * 2
    over(gateway, submit(gateway, {}))


# ---- refusals ----

def test_a_refusal_after_the_202_is_an_answer(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_QUEUE_TIMEOUT_MS=100)
    settled(engine, 1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        number = submit(gateway, {"stdout": "x"})
        answer = over(gateway, number)
        assert (answer["status"], answer["reason"], answer["start"]) == ("failed", "not_started", None)
        assert answer["message"] and answer["stdout"] == "" and answer["return_code"] is None
        with events_of(gateway, number) as stream:
            seen = list(stream)
        assert [event.name for event in seen] == ["queued", "result"] and seen[-1].data == answer
        engine.open("g")
        assert first.receive().status == 200
    assert len(engine.runs) == 1


# ---- events ----

def test_events_can_be_read_again_from_anywhere(shared):
    number = submit(shared, {"stdout": "abc", "stderr": "d", "piece_bytes": 1})
    answer = over(shared, number)
    with events_of(shared, number) as stream:
        seen = list(stream)
    assert [event.name for event in seen] == ["queued", "started", "stdout", "stdout", "stdout", "stderr", "result"]
    assert seen[-1].data == answer
    for last in range(7):
        with events_of(shared, number, last) as stream:
            assert list(stream) == seen[last:]
            assert stream.comments == (last > 0)


def test_after_the_last_event_there_is_nothing_to_come_back_for(shared):
    number = submit(shared, {})
    over(shared, number)
    response = shared.request("GET", f"{EXECUTIONS}/{number}/events", headers=[("last-event-id", "3")])
    assert response.status == 204


def test_a_reader_that_comes_back_misses_nothing(engine, gateway):
    number = submit(gateway, {"stdout": "one", "gate": "g", "late_stdout": "two"}, timeout=20)
    with events_of(gateway, number) as stream:
        seen = stream.until("stdout")
    with events_of(gateway, number, seen[-1].id) as stream:
        assert stream.block() == [": ping"]  # it is told at once that it is connected
        engine.open("g")
        seen += list(stream)
    assert [event.id for event in seen] == [1, 2, 3, 4, 5] and said(seen, "stdout") == "onetwo"


@pytest.mark.parametrize("last", ["99", "-1", "x", "1.0", "0x1", "1 2", "18446744073709551616"])
def test_a_bad_last_event_id_is_named(shared, last):
    number = submit(shared, {})
    over(shared, number)
    response = shared.request("GET", f"{EXECUTIONS}/{number}/events", headers=[("last-event-id", last)])
    assert response.status == 422
    assert [error["field"] for error in response.json()["errors"]] == ["Last-Event-ID"]


# ---- an end before the end ----

def test_delete_cancels(engine, gateway):
    number = submit(gateway, {"stdout": "so far", "gate": "never"}, timeout=20)
    with events_of(gateway, number) as stream, gateway.client() as waiter:
        stream.until("stdout")
        waiter.send("GET", f"{EXECUTIONS}/{number}?wait=20")
        status, answer = look(gateway, number, method="DELETE")
        assert status == 200
        assert (answer["status"], answer["reason"], answer["stdout"]) == ("failed", "canceled", "so far")
        assert answer["execution_time"] > 0 and answer["return_code"] is None
        assert answer["cpu_time"] is None and answer["peak_memory"] is None
        assert waiter.receive().json() == stream.until("result")[-1].data == answer
    engine.wait(lambda: engine.runs[0].end in ("canceled", "killed"), "the run has been canceled")
    assert look(gateway, number) == look(gateway, number, method="DELETE") == (200, answer)
    settled(engine, 2)


def test_delete_of_one_that_waits(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        number = submit(gateway, {"stdout": "x"})
        status, answer = look(gateway, number, method="DELETE")
        assert status == 200 and answer["reason"] == "canceled" and answer["start"] is None
        engine.open("g")
        assert first.receive().status == 200
    assert gateway.execute({})[0] == 200 and len(engine.runs) == 2


def test_delete_of_one_that_is_over_gives_its_answer(shared):
    number = submit(shared, {"stdout": "x"})
    answer = over(shared, number)
    assert look(shared, number, method="DELETE") == (200, answer)


def test_a_stop_waits_for_runs_without_clients(engine, gateway):
    number = submit(gateway, {"stdout": "x", "gate": "g"}, timeout=20)
    running(engine, 1)
    with gateway.client() as waiter:
        assert waiter.request("GET", "/livez").status == 200
        gateway.process.popen.send_signal(signal.SIGTERM)
        until(lambda: gateway.request("GET", "/readyz").status == 503, "it drains")
        waiter.send("GET", f"{EXECUTIONS}/{number}?wait=20")
        assert gateway.request("POST", EXECUTIONS, b'{"code":"{}"}', [JSON]).json()["code"] == "draining"
        engine.open("g")
        assert waiter.receive().json()["stdout"] == "x"
    assert gateway.process.wait() == 0
    assert [run.end for run in engine.runs] == ["ended"]


# ---- Idempotency-Key ----

def test_the_same_request_again_gives_the_same_run(engine, gateway):
    body = {"code": '{"stdout":"x"}'}
    with gateway.post(body, headers=[key("k")]) as client:
        first = client.receive().json()
    with gateway.post(body, headers=[key("k")]) as client:
        assert client.receive().json() == first
    with EventStream(gateway.post(body, headers=[key("k"), EVENTS])) as stream:
        seen = list(stream)
    assert [event.name for event in seen] == ["queued", "started", "stdout", "result"] and seen[-1].data == first
    response = gateway.request("POST", EXECUTIONS, json.dumps(body).encode(), [JSON, key("k")])
    assert response.status == 202 and response.json() == {"id": first["id"], "status": "success"}
    assert look(gateway, first["id"]) == (200, first)
    assert len(engine.runs) == 1
    with gateway.post(body, headers=[key("K")]) as client:
        assert client.receive().json()["id"] != first["id"]


def test_the_same_request_meanwhile_joins_the_run(engine, gateway):
    body = gated("g", stdout="x")
    clients = [gateway.post(body, headers=[key("k")]) for _ in range(4)]
    running(engine, 1)
    with EventStream(gateway.post(body, headers=[key("k"), EVENTS])) as stream:
        stream.until("stdout")
        clients.pop().hang_up()
        clients.pop(0).hang_up()  # the one that began it, perhaps
        engine.open("g")
        answer = stream.until("result")[-1].data
    assert answer["status"] == "success"
    for client in clients:
        assert client.receive().json() == answer
        client.close()
    assert len(engine.runs) == 1


def test_a_run_with_a_key_outlives_its_clients(engine, gateway):
    body = gated("g", stdout="x")
    with EventStream(gateway.post(body, headers=[key("k"), EVENTS])) as stream:
        stream.until("stdout")
    gateway.process.wait_line('"client_gone"')
    engine.open("g")
    with gateway.post(body, headers=[key("k")]) as client:
        assert client.receive().json()["status"] == "success"
    assert [run.end for run in engine.runs] == ["ended"]


def test_the_key_of_another_body_is_refused(engine, gateway):
    gateway.post({"code": '{"stdout":"x"}'}, headers=[key("k")]).receive()
    for path, headers in ((EXECUTE, []), (EXECUTE, [EVENTS]), (EXECUTIONS, [])):
        with gateway.post({"code": '{"stdout":"y"}'}, path, [key("k"), *headers]) as client:
            response = client.receive()
        assert response.status == 422 and response.json()["code"] == "idempotency_key_reused"
        with gateway.post(b"no json", path, [key("k"), *headers]) as client:
            assert client.receive().json()["code"] == "idempotency_key_reused"
    assert len(engine.runs) == 1


@pytest.mark.parametrize("text", ["", "a b", "a\tb", "x" * 256, "\u00e9"],
                         ids=["empty", "space", "tab", "256", "e acute"])
@pytest.mark.parametrize("path", [EXECUTE, EXECUTIONS])
def test_a_bad_key_is_named(shared, text, path):
    response = shared.post({"code": "{}"}, path, [key(text)]).receive()
    assert response.status == 422
    assert response.json()["errors"] == [
        {"field": "Idempotency-Key", "message": "must be 1 to 255 visible ASCII characters"}]


@pytest.mark.parametrize("text", ["x", "x" * 255, '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "!~"])
def test_good_keys(shared, text):
    for _ in range(2):
        assert shared.post({"code": "{}"}, headers=[key(text)]).receive().status == 200


def test_the_key_of_a_run_that_did_not_start_is_free_again(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_QUEUE_TIMEOUT_MS=100)
    settled(engine, 1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        with gateway.post({"code": '{"stdout":"x"}'}, headers=[key("k")]) as client:
            response = client.receive()
        assert response.status == 503 and response.json()["code"] == "busy"
        number = submit(gateway, {"stdout": "x"}, [key("l")])
        assert over(gateway, number)["reason"] == "not_started"
        engine.open("g")
        assert first.receive().status == 200
    # The next box may take longer than the line's time on a busy machine: then they are free once more.
    until(lambda: stdout_of(gateway, {"code": '{"stdout":"x"}'}, [key("k")]) == "x", "the one key is free")
    until(lambda: over(gateway, submit(gateway, {"stdout": "x"}, [key("l")]))["stdout"] == "x", "the other key is free")
    assert look(gateway, number)[1]["reason"] == "not_started"


def stdout_of(gateway, body, headers):
    """Of a run; None when there was none."""
    with gateway.post(body, headers=headers) as client:
        return client.receive().json().get("stdout")


def test_a_key_lasts_as_long_as_its_execution(engine, start):
    gateway = start(MAYFLY_EXECUTIONS_KEEP_MS=50)
    number = submit(gateway, {}, [key("k")])
    until(lambda: look(gateway, number)[0] == 410, "it is let go")
    assert submit(gateway, {"stdout": "another body"}, [key("k")]) != number


def test_a_crowd_with_one_key_makes_one_run(engine, gateway):
    seen = []

    def ask():
        with gateway.post({"code": '{"stdout":"x","sleep_ms":50}'}, headers=[key("k")]) as client:
            seen.append(client.receive().json()["id"])

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 50 and len(set(seen)) == 1 and len(engine.runs) == 1


# ---- bad input has the same words in every form ----

BAD = {
    "no JSON": b"{", "no code": b"{}", "an array": b"[]", "a number as code": b'{"code":1}',
    "unknown field": b'{"code":"x","cod":"y"}', "key twice": b'{"code":"x","code":"y"}',
    "timeout too long": b'{"code":"x","timeout":31}', "timeout as text": b'{"code":"x","timeout":"5"}',
    "limits": b'{"code":"x","limits":{"pids":0,"cpus":-1,"memory_bytes":1,"output_bytes":0,"x":1}}',
    "env": b'{"code":"x","env":{"A=":"1"}}', "args": b'{"code":"x","args":[1]}',
    "encoding": b'{"code":"x","output_encoding":"latin-1"}',
    "runtime": b'{"code":"x","runtime":"ruby"}', "queue timeout": b'{"code":"x","queue_timeout":0}',
    "files": b'{"code":"x","files":[{"path":"../a","content":""},{"path":"b","content":"!","encoding":"base64"}]}',
    "outputs": b'{"code":"x","outputs":["/*"]}', "a number too large": b'{"code":"x","timeout":1e999}',
    "two fields": b'{"code":"","stdin":5}',
}


@pytest.mark.parametrize("body", BAD.values(), ids=BAD)
def test_bad_input_has_the_same_words_in_every_form(shared, body):
    runs = len(shared.engine.runs)
    answers = []
    for path, headers in ((EXECUTE, []), (EXECUTE, [EVENTS]), (EXECUTIONS, []), (EXECUTE, [key("bad")]),
                          (EXECUTIONS, [key("bad")])):
        with shared.post(body, path, headers) as client:
            response = client.receive()
        assert response.headers["content-type"] == "application/problem+json"
        answers.append((response.status, response.json()))
    assert all(answer == answers[0] for answer in answers) and answers[0][0] in (400, 422)
    assert answers[0][0] == 400 or answers[0][1]["errors"]
    assert len(shared.engine.runs) == runs


@pytest.mark.parametrize("path, headers", [(EXECUTE, [EVENTS]), (EXECUTIONS, [])])
def test_media_types_are_checked_in_every_form(shared, path, headers):
    response = shared.request("POST", path, b'{"code":"{}"}', [("content-type", "text/plain"), *headers])
    assert response.status == 415 and response.json()["code"] == "unsupported_media_type"
