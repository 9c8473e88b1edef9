"""POST /api/v1/execute with Accept: text/event-stream: the events of a run, while it runs."""

import base64
import json
import select
import signal
import socket

import pytest

import gateway as gateway_module
from crowd import allow_descriptors, is_sanitized, rss_bytes
from eventstream import EVENTS, EventStream, said
from gateway import EXECUTE, Client
from helpers import gated, running, settled, until

MIB = 1 << 20


def stream(gateway, directive, **fields):
    return EventStream(gateway.post({"code": json.dumps(directive), **fields}, headers=[EVENTS]))


def names(events):
    return [event.name for event in events]


# ---- the events ----

def test_a_run_is_told_in_order(shared):
    with stream(shared, {"stdout": "one\n", "stderr": "two\n", "exit": 3}) as events:
        seen = list(events)
    assert names(seen) == ["queued", "started", "stdout", "stderr", "result"]
    assert [event.id for event in seen] == [1, 2, 3, 4, 5]
    queued, started, out, err, result = (event.data for event in seen)
    assert queued == {"id": result["id"]}
    assert started == {"start": result["start"], "queue_time": result["queue_time"]}
    assert (out, err) == ("one\n", "two\n")
    assert result["status"] == "error" and result["return_code"] == 3


def test_merged_output_is_told_as_stdout_alone(shared):
    with stream(shared, {"stdout": "one\n", "stderr": "two\n"}, output="merged") as events:
        seen = list(events)
    assert names(seen) == ["queued", "started", "stdout", "stdout", "result"]
    assert [event.data for event in seen[2:4]] == ["one\n", "two\n"]
    assert (seen[4].data["stdout"], seen[4].data["stderr"]) == ("one\ntwo\n", "")


def test_the_result_is_what_the_plain_call_answers(shared):
    directive = {"stdout": "a\u00e9</script>\n", "stderr": "\u2028", "exit": 1}
    plain = shared.request("POST", EXECUTE, json.dumps({"code": json.dumps(directive)}).encode(),
                           [("content-type", "application/json")]).body.decode()
    with stream(shared, directive) as events:
        result = events.until("result")[-1].text
    varying = ("id", "execution_time", "queue_time", "start")

    def fixed(text):
        return [(name, value) for name, value in json.loads(text).items() if name not in varying]

    assert fixed(result) == fixed(plain)
    assert list(json.loads(result)) == list(json.loads(plain))
    assert result.split('"stdout":')[1].split('"execution_time"')[0] in plain


def test_the_head_says_that_it_is_a_stream(shared):
    with stream(shared, {}) as events:
        assert events.headers["cache-control"] == "no-store"
        assert events.headers["x-accel-buffering"] == "no"
        assert events.headers["x-content-type-options"] == "nosniff"
        assert events.headers["transfer-encoding"] == "chunked"
        assert "content-length" not in events.headers


def test_output_comes_while_the_program_runs(engine, gateway):
    with stream(gateway, {"stdout": "now", "gate": "g", "late_stdout": "later"}, timeout=20) as events:
        assert events.until("stdout")[-1].data == "now"
        running(engine, 1)
        engine.open("g")
        assert said(events.until("result"), "stdout") == "later"


def test_a_waiting_run_is_queued_until_it_has_a_box(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    with gateway.post(gated("g")) as first, stream(gateway, {"stdout": "x"}) as events:
        running(engine, 1)
        assert events.next().name == "queued"
        engine.open("g")
        assert first.receive().status == 200
        assert names(events) == ["started", "stdout", "result"]


def test_a_character_is_never_split(shared):
    text = "a\u00e9\u20ac\U0001f600" * 50
    with stream(shared, {"stdout": text, "piece_bytes": 1}) as events:
        seen = list(events)
    outputs = [event.data for event in seen if event.name == "stdout"]
    assert len(outputs) == len(text) and "".join(outputs) == text
    assert seen[-1].data["stdout"] == text


@pytest.mark.parametrize("data", [b"\xff", b"a\xe2\x82", b"\xf0\x9f\x98", b"\xc3\xff\xa9", b"ok\xed\xa0\x80\xc3"])
@pytest.mark.parametrize("piece", [1, 2, 100])
def test_bad_bytes_are_replaced_as_in_the_answer(shared, data, piece):
    with stream(shared, {"stdout_base64": base64.b64encode(data).decode(), "piece_bytes": piece}) as events:
        seen = list(events)
    assert said(seen, "stdout") == seen[-1].data["stdout"] == data.decode("utf-8", "replace")


def test_base64_gives_every_byte(shared):
    data = bytes(range(256)) * 3
    with stream(shared, {"stdout_base64": base64.b64encode(data).decode(), "piece_bytes": 7},
                output_encoding="base64") as events:
        seen = list(events)
    pieces = [base64.b64decode(event.data, validate=True) for event in seen if event.name == "stdout"]
    assert b"".join(pieces) == data == base64.b64decode(seen[-1].data["stdout"])
    assert max(map(len, pieces)) == 7


def test_output_that_the_cap_cuts_is_the_same_in_both(shared):
    with stream(shared, {"stdout": "\u20ac" * 10, "piece_bytes": 4}, limits={"output_bytes": 10}) as events:
        seen = list(events)
    assert said(seen, "stdout") == seen[-1].data["stdout"] == "\u20ac" * 3
    assert seen[-1].data["stdout_truncated"] is True


def test_much_output_comes_whole(shared):
    with stream(shared, {"flood_bytes": 3 * MIB}, limits={"output_bytes": 3 * MIB}) as events:
        seen = list(events)
    assert said(seen, "stdout") == seen[-1].data["stdout"] == "x" * (3 * MIB)


def test_files_are_those_of_the_answer(shared):
    directive = {"stdout": "x", "files": [["a.csv", "1;2\n"], ["out/cut.txt", "h\u00e9", 9], ["big.txt", "y" * 200000]]}
    with stream(shared, directive, outputs=["**"]) as events:
        seen = list(events)
    assert names(seen) == ["queued", "started", "stdout", "file", "file", "file", "result"]
    answer = seen[-1].data
    assert [event.data for event in seen if event.name == "file"] == answer["files"] == [
        {"path": "a.csv", "size_bytes": 4, "media_type": "text/csv", "content": "1;2\n", "encoding": "utf-8",
         "truncated": False},
        {"path": "out/cut.txt", "size_bytes": 9, "media_type": "text/plain", "content": "h\u00e9", "encoding": "utf-8",
         "truncated": True},
        {"path": "big.txt", "size_bytes": 200000, "media_type": "text/plain", "content": "y" * 200000,
         "encoding": "utf-8", "truncated": False}]
    assert shared.execute(directive, outputs=["**"])[1]["files"] == answer["files"]


@pytest.mark.parametrize("directive, ending", [
    ({"signal": 11}, ("error", None)), ({"oom": True}, ("error", "memory_limit")),
    ({"lose": "after_started"}, ("failed", "sandbox"))], ids=["signal", "oom", "lost"])
def test_each_end_is_a_result(shared, directive, ending):
    with stream(shared, directive) as events:
        last = list(events)[-1]
    assert last.name == "result" and (last.data["status"], last.data["reason"]) == ending


def test_silence_is_broken_by_pings(engine, gateway):
    with stream(gateway, {"gate": "g"}, timeout=20) as events:
        events.until("started")
        assert events.block() == [": ping"]
        engine.open("g")
        assert names(events) == ["result"]


# ---- which form is asked for ----

@pytest.mark.parametrize("accept, is_stream", {
    "text/event-stream": True, "TEXT/Event-Stream": True, "text/event-stream;charset=utf-8": True,
    "text/event-stream, */*": True, "text/event-stream, application/json;q=0.9": True,
    "application/json;q=0.9, text/event-stream": True, "text/event-stream;q=0.1": True,
    "*/*": False, "": False, "text/*": False, "application/json": False, "text/html": False,
    "application/json, text/event-stream": False, "text/event-stream;q=0": False,
    "text/event-stream;q=0.5, */*": False, "text/event-stream;q=0.5, application/json": False,
    "text/event-stream;q=x": False, "text/event-streams": False}.items())
def test_accept_chooses_the_form(shared, accept, is_stream):
    with shared.post({"code": "{}"}, headers=[("accept", accept)]) as client:
        headers = client.receive().headers
    assert headers["content-type"] == ("text/event-stream" if is_stream else "application/json")


def test_without_accept_it_is_json(shared):
    with shared.post({"code": "{}"}) as client:
        assert client.receive().headers["content-type"] == "application/json"


# ---- refusals ----

def test_a_full_queue_is_the_error_of_the_plain_call(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_MAX_WAITING=1)
    with gateway.post(gated("g")) as first, gateway.client() as second:
        running(engine, 1)
        second.request("GET", "/livez")
        second.post({"code": "{}"})
        until(lambda: gateway.execute({})[0] == 503, "the one place to wait is taken")
        with gateway.post({"code": "{}"}) as client:
            plain = client.receive()
        with stream(gateway, {}) as events:
            seen = list(events)
        assert names(seen) == ["queued", "error"] and [event.id for event in seen] == [1, 2]
        assert seen[-1].data == plain.json() and seen[-1].data["code"] == "busy"
        engine.open("g")
        assert first.receive().status == second.receive().status == 200


def test_a_stop_is_told_before_the_stream_begins(engine, gateway):
    with gateway.post(gated("g")) as first, gateway.client() as late:
        running(engine, 1)
        assert late.request("GET", "/livez").status == 200
        gateway.process.popen.send_signal(signal.SIGTERM)
        until(lambda: gateway.request("GET", "/readyz").status == 503, "it drains")
        response = late.post({"code": "{}"}, headers=[EVENTS]).receive()
        assert response.status == 503 and response.json()["code"] == "draining"
        engine.open("g")
        assert first.receive().status == 200
    assert gateway.process.wait() == 0


# ---- connections ----

def test_the_connection_serves_another_request(shared):
    with shared.post({"code": "{}"}, headers=[EVENTS]) as client:
        list(EventStream(client))
        list(EventStream(client.post({"code": "{}"}, headers=[EVENTS])))
        assert client.request("GET", "/livez").status == 200


def test_an_old_client_reads_until_the_close(shared):
    body = b'{"code":"{}"}'
    with shared.client() as client:
        client.socket.sendall(b"POST /api/v1/execute HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                              b"accept: text/event-stream\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        status, headers = client.receive_head()
        assert status == 200 and "transfer-encoding" not in headers and headers["connection"] == "close"
        text = client.take_rest()
        while data := client.socket.recv(65536):
            text += data
    assert text.startswith(b"id: 1\nevent: queued\n") and text.endswith(b"}\n\n") and b"event: result" in text


@pytest.mark.parametrize("reset", [False, True], ids=["close", "half-close"])
def test_a_hang_up_cancels_the_run(engine, gateway, reset):
    with stream(gateway, {"stdout": "x", "gate": "never"}, timeout=20) as events:
        events.until("stdout")
        if reset:
            events.client.socket.shutdown(socket.SHUT_WR)
        else:
            events.client.close()
        engine.wait(lambda: engine.runs[0].end in ("canceled", "killed"), "the run has been canceled")
    gateway.process.wait_line('"client_gone"')
    settled(engine, 2)
    assert gateway.execute({"stdout": "x"})[0] == 200


def test_a_hang_up_before_the_box_cancels_the_wait(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        with stream(gateway, {"stdout": "unwanted"}) as events:
            assert events.next().name == "queued"
        gateway.process.wait_line('"client_gone"')
        engine.open("g")
        assert first.receive().status == 200
    assert gateway.execute({"stdout": "x"})[0] == 200
    assert len(engine.runs) == 2


# ---- slow readers ----

def slow_client(gateway):
    """A client whose kernel takes little of what it does not read."""
    return Client(gateway.address, room=4096)


def flood(client, size):
    directive = {"flood_bytes": size}
    return client.post({"code": json.dumps(directive), "limits": {"output_bytes": size}}, headers=[EVENTS])


def test_a_slow_reader_delays_nobody_and_costs_what_the_run_keeps(engine, start):
    gateway = start(MAYFLY_WARM=4)
    front = gateway.pids()["front"]
    before = rss_bytes(front)
    with flood(slow_client(gateway), 8 * MIB) as client:
        engine.wait(lambda: engine.runs and engine.runs[0].end == "ended", "the run ends unread")
        assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"
        assert rss_bytes(front) - before < 40 * MIB
        seen = list(EventStream(client))
    assert said(seen, "stdout") == seen[-1].data["stdout"] == "x" * (8 * MIB)


def test_a_reader_that_stops_is_cut_off(engine, start):
    gateway = start(MAYFLY_WRITE_TIMEOUT_MS=300)
    with flood(slow_client(gateway), 8 * MIB):
        gateway.process.wait_line('"slow_reader_cut"')
        gateway.process.wait_line('"client_gone"')
    assert gateway.execute({"stdout": "x"})[0] == 200


def test_a_reader_that_is_slow_and_steady_is_not(engine, start):
    gateway = start(MAYFLY_WRITE_TIMEOUT_MS=500)
    with flood(slow_client(gateway), 8 * MIB) as client:
        engine.wait(lambda: engine.runs and engine.runs[0].end == "ended", "the run ends unread")
        events = EventStream(client)
        for _ in range(20):  # far longer than the timeout, with less at a time than it takes to fill the kernel's buffer
            select.select([], [], [], 0.1)
            for _ in range(4):
                events.next()
        seen = list(events)
    assert seen[-1].name == "result"
    assert not gateway.events("slow_reader_cut")


# ---- a crowd ----

CROWD = 200
MOST_BYTES = 64 * MIB * CROWD // 1000  # 64 MiB for a thousand: tests/bench/stream.py


def test_a_crowd_of_streams_holds_little(engine, start):
    gateway = start(MAYFLY_WARM=4)
    front = gateway.pids()["front"]
    allow_descriptors(CROWD + 500)
    before = rss_bytes(front)
    crowd = [stream(gateway, {"stdout": "x" * 100, "gate": "all"}, timeout=30) for _ in range(CROWD)]
    for events in crowd:
        assert events.next().name == "queued"
    grown = rss_bytes(front) - before
    engine.open("all")
    for events in crowd:
        assert events.until("result")[-1].data["status"] == "success"
        events.client.close()
    assert grown <= MOST_BYTES * (2 if is_sanitized(gateway_module.BINARY) else 1)


# ---- the end of the service ----

def test_a_stop_lets_streams_end(engine, gateway):
    with stream(gateway, {"stdout": "x", "gate": "g"}, timeout=20) as events:
        events.until("stdout")
        gateway.process.popen.send_signal(signal.SIGTERM)
        until(lambda: gateway.request("GET", "/readyz").status == 503, "it drains")
        engine.open("g")
        assert events.until("result")[-1].data["status"] == "success"
        assert events.next() is None
        assert events.client.socket.recv(1) == b""
    assert gateway.process.wait() == 0


def test_a_drain_that_takes_too_long_is_told(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_DRAIN_MS=500)
    with stream(gateway, {"gate": "never"}, timeout=20) as first, stream(gateway, {}) as second:
        first.until("started")
        second.until("queued")
        gateway.process.popen.send_signal(signal.SIGTERM)
        assert first.until("result")[-1].data["reason"] == "sandbox"
        assert second.until("error")[-1].data["code"] == "draining"
        assert gateway.process.wait() == 0


def test_the_death_of_the_broker_is_told(engine, start):
    gateway = start(apart=True)
    with stream(gateway, {"gate": "never"}, timeout=20) as events:
        events.until("started")
        gateway.processes[0].popen.kill()
        assert events.until("result")[-1].data["reason"] == "sandbox"
    gateway.processes[0].wait()
    engine.wait(lambda: not engine.managed("running"), "every init has seen its stdin close")
    engine.containers.clear()
