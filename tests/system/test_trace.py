"""The ids of a request: X-Request-Id, which is in every answer and in the log, and the trace id of a traceparent."""

import json

from gateway import EXECUTE

JSON = ("content-type", "application/json")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
BODY = json.dumps({"code": "print(1)"}).encode()


def test_an_id_is_echoed_and_logged(start):
    gateway = start()
    answer = gateway.request("POST", EXECUTE, BODY, [JSON, ("X-Request-Id", "mine-1"),
                                                     ("traceparent", f"00-{TRACE}-00f067aa0ba902b7-01")])
    assert answer.headers["x-request-id"] == "mine-1"
    gateway.process.wait_line('"mine-1"')
    gateway.process.wait_line('"run_ended"')  # the broker's, which may come later
    request, = (event for event in gateway.events("request_ended") if event["request_id"] == "mine-1")
    assert request["trace_id"] == TRACE
    run, = (event for event in gateway.events("run_ended") if event["run_id"] == request["run_id"])
    assert run["trace_id"] == TRACE


def test_without_one_each_answer_has_its_own(start):
    gateway = start()
    answers = [gateway.request("POST", EXECUTE, BODY, [JSON, *more]) for more in ([], [("x-request-id", "not fit")])]
    answers += [gateway.request("GET", path) for path in ("/livez", "/nothing")]
    answers.append(gateway.request("POST", EXECUTE, b"{", [JSON]))
    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == len(ids) and all(len(text) == 32 for text in ids)


def test_refusals_before_a_handler_have_it_too(start):
    gateway = start(MAYFLY_MAX_BODY_BYTES=2048)
    with gateway.client() as client:
        client.socket.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n")
        assert len(client.receive().headers["x-request-id"]) == 32
    refused = gateway.request("POST", EXECUTE, b"x" * 4096, [JSON, ("x-request-id", "large")])
    assert (refused.status, refused.headers["x-request-id"]) == (413, "large")


def test_health_is_not_worth_a_line_good_or_bad(engine, start):
    gateway = start()
    assert gateway.request("GET", "/livez").status == 200
    engine.stop()
    gateway.wait_health(503)
    gateway.request("GET", "/health")
    engine.start()
    gateway.wait_health()
    gateway.request("POST", "/livez")
    gateway.execute("print(1)")
    gateway.process.wait_line('"/api/v1/execute"')
    asked = [(event["route"], event["status"]) for event in gateway.events("request_ended")]
    assert asked == [("/livez", 405), ("/api/v1/execute", 200)]
    assert any("engine" in event["error"] for event in gateway.events("not_ready"))
