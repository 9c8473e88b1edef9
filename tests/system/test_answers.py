"""Long answers are written while they are sent, in turns with other answers; and clients that do not read them."""

import base64
import json
import os
import signal
import select
import threading
import time

import pytest

from eventstream import EventStream
from gateway import EXECUTE, Client
from helpers import CLOCK_TRIES, bearer, entry, running, until
from metrics import Metrics

KIB, MIB = 1 << 10, 1 << 20
BOTH = [1, 2]
TEXTS = {"plain": "x", "controls": "\x01", "no UTF-8": "\xff", "cut off": "\xe2\x82", "tags": "</", "C1": "\xc2\x9b"}


def flood(text="x", size=8 * MIB, streams=(1,), **directive):
    """A request whose program writes so much of a text, and nothing is cut."""
    return {"code": json.dumps({"flood_bytes": size, "flood_text": text, "flood_streams": list(streams), **directive}),
            "timeout": 30, "limits": {"output_bytes": size}}


def hesitant(gateway, body, *headers, room=16 * KIB):
    """A client that has asked, and reads nothing by itself: its kernel takes little."""
    return Client(gateway.address, room=room).post(body, EXECUTE, headers)


def unread(gateway, *headers, what="answers"):
    text = gateway.request("GET", "/metrics", headers=headers).body.decode()
    return Metrics(text).value("mayfly_unread_bytes", what=what)


# ---- the loop ----

def replay(gateway, location, after=0):
    """The events of an execution behind this one."""
    client = gateway.client(timeout=60)
    client.send("GET", f"{location}/events", headers=[("last-event-id", str(after))] if after else [])
    with EventStream(client) as stream:
        return list(stream)


def ask_all_ways(gateway, body):
    """The answer of a run, plain, as a stream, kept, and as a stream from its last events on: all the same."""
    with gateway.post(body) as client:
        plain = client.receive()
        assert client.request("GET", "/livez").status == 200
    with gateway.client(timeout=60) as client:
        location = client.post(body, "/api/v1/executions").receive().headers["location"]
        kept = client.request("GET", f"{location}?wait=30")
    events = replay(gateway, location)
    last = replay(gateway, location, events[-2].id)
    assert [event.name for event in last] == ["result"]
    for answer in kept.json(), events[-1].data, last[0].data:
        assert answer["stdout"] == plain.json()["stdout"] and answer["stderr"] == plain.json()["stderr"]
    return plain.json()


def shown(text, size):
    return (text.encode("latin-1") * (size // len(text))).decode("utf-8", "replace")


def longest_share(start, ask):
    """The longest turn's share of the CPU time of a front that is asked so."""
    gateway = start()
    ask(gateway)
    found = gateway.metrics()
    spent = found.value("process_cpu_seconds_total", role="front")
    longest = found.value("mayfly_front_longest_turn_seconds")
    print(f"the front took {spent:.2f} s of CPU time, at most {longest * 1000:.1f} ms of it at a stretch")
    return longest / spent


def test_no_answer_holds_up_the_loop(start):
    """However long and whatever it is made of, the front never works at it at a stretch."""
    def ask(gateway):
        for text in TEXTS.values():
            answer = ask_all_ways(gateway, flood(text, 600 * KIB, BOTH))
            assert answer["stdout"] == answer["stderr"] == shown(text, 600 * KIB)

    assert any(longest_share(start, ask) < 1 / 10 for _ in range(CLOCK_TRIES))


def test_large_files_hold_up_nothing_either(start):
    def ask(gateway):
        for text in TEXTS.values():
            body = flood(text, 64 * KIB, large_files=[["a.txt", text, 4 * MIB // len(text)],
                                                      ["b.txt", text, 4 * MIB // len(text)]])
            with gateway.post({**body, "outputs": ["*"]}) as client:
                files = client.receive().json()["files"]
            for file in files:
                expected = text.encode("latin-1") * (4 * MIB // len(text))
                content = file["content"].encode()
                assert (base64.b64decode(content) if file["encoding"] == "base64" else content) == expected
            assert len(files) == 2

    assert any(longest_share(start, ask) < 1 / 10 for _ in range(CLOCK_TRIES))


def test_a_seek_in_a_long_log_holds_up_nothing(start):
    """A program that writes byte by byte makes an event of each."""
    def ask(gateway):
        count = 60_000
        body = {"code": json.dumps({"flood_bytes": count, "piece_bytes": 1}), "timeout": 30}
        with gateway.client(timeout=60) as client:
            location = client.post(body, "/api/v1/executions").receive().headers["location"]
            assert client.request("GET", f"{location}?wait=60").json()["stdout_bytes"] == count
            for number in range(1000, count, 7001):
                client.send("GET", f"{location}/events", headers=[("last-event-id", str(number))])
                client.receive_head()
                first = client.receive_chunk()
                while first.count(b"\n\n") < 2:
                    first += client.receive_chunk()
                assert first.startswith(b": ping\n\nid: %d\n" % (number + 1)), first[:100]
                while client.receive_chunk():
                    pass

    assert any(longest_share(start, ask) < 1 / 20 for _ in range(CLOCK_TRIES))


def test_the_length_is_told_before_a_long_answer(start):
    """Proxies keep connections for answers whose length they know."""
    gateway = start()
    with gateway.post(flood("\x01", MIB)) as client:
        first = client.receive()
        again = client.post(flood("\x01", MIB)).receive()
    for response in first, again:
        assert int(response.headers["content-length"]) == len(response.body) > 6 * MIB
        assert "transfer-encoding" not in response.headers


def test_a_stopped_front_gives_everybody_an_answer(engine, start):
    """What was written while it stood still is read and sent, when it goes on."""
    gateway = start(MAYFLY_MAX_BOXES=16, MAYFLY_WARM=16)
    clients = [gateway.post(flood("\x01", 2 * MIB, BOTH, start_gate="g")) for _ in range(16)]
    running(engine, 16)
    front = gateway.pids()["front"]
    os.kill(front, signal.SIGSTOP)
    engine.open("g")
    engine.wait(lambda: sum(box.stream and box.stream.unread for box in engine.managed()) == 16,
                "every box waits for it", timeout=30)
    os.kill(front, signal.SIGCONT)
    answers = [None] * 16

    def read(number):
        answers[number] = clients[number].receive()

    readers = [threading.Thread(target=read, args=[number]) for number in range(16)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    for answer in answers:
        assert answer.status == 200 and answer.json()["status"] == "success", answer
        assert answer.json()["stdout"] == "\x01" * (2 * MIB)
    for client in clients:
        client.close()


# ---- clients that do not read ----

def test_one_that_reads_too_slowly_is_cut_off(start):
    """It takes something in each write timeout, and still less than the least rate."""
    gateway = start(MAYFLY_WRITE_TIMEOUT_MS=500)
    with hesitant(gateway, flood()) as client:
        deadline = time.monotonic() + 60
        with pytest.raises(ConnectionError):
            while client.socket.recv(8 * KIB) and time.monotonic() < deadline:
                select.select([], [], [], 0.1)
    gateway.process.wait_line('"slow_reader_cut"')


def test_one_that_reads_steadily_has_the_time_that_it_takes(start):
    """Longer than a write timeout in all, and quicker than the least rate."""
    gateway = start(MAYFLY_WRITE_TIMEOUT_MS=500)
    with hesitant(gateway, flood(size=4 * MIB), room=256 * KIB) as client:
        begun = time.monotonic()
        client.receive_head()
        got = len(client.take_rest())
        while got < 4 * MIB:
            data = client.socket.recv(256 * KIB)
            assert data
            got += len(data)
            select.select([], [], [], 0.05)
        assert time.monotonic() - begun > 0.5
    assert not gateway.events("slow_reader_cut")


def test_a_place_is_taken_until_the_answer_is_gone(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one", max_runs=1), entry("two")))
    with hesitant(gateway, flood(), bearer("one")) as client:
        until(lambda: unread(gateway, bearer("two"), what="portions") > 0, "the answer is begun")
        refused = gateway.post({"code": "x"}, headers=[bearer("one")])
        assert refused.receive().status == 429
        assert gateway.post({"code": "x"}, headers=[bearer("two")]).receive().status == 200
        assert len(client.receive().json()["stdout"]) == 8 * MIB
        assert refused.post({"code": "x"}, headers=[bearer("one")]).receive().status == 200
        refused.close()
    with hesitant(gateway, flood(), bearer("one")) as client:
        until(lambda: unread(gateway, bearer("two"), what="portions") > 0, "the answer is begun")
    until(lambda: gateway.post({"code": "x"}, headers=[bearer("one")]).receive().status == 200, "its client has gone")


def test_a_kept_answer_takes_no_place(start, keys_file):
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("one", max_runs=1)))
    with gateway.post(flood(size=MIB), "/api/v1/executions", [bearer("one")]) as client:
        location = client.receive().headers["location"]
        assert client.request("GET", f"{location}?wait=20", headers=[bearer("one")]).json()["status"] == "success"
        assert client.post({"code": "x"}, headers=[bearer("one")]).receive().status == 200


# ---- the budget ----

def test_a_reader_that_stops_gives_way(start):
    gateway = start(MAYFLY_MAX_UNREAD_BYTES=16 * MIB)
    with hesitant(gateway, flood(size=8 * MIB)) as stopped:
        until(lambda: unread(gateway) >= 8 * MIB, "the answer waits")
        def next_comes_whole():
            with gateway.post(flood(size=8 * MIB)) as client:
                return not client.receive().json()["stdout_truncated"]

        until(next_comes_whole, "the room is had by those who read", 20)
        gateway.process.wait_line('"reader_evicted"')
        with pytest.raises(ConnectionError):
            stopped.receive()
    until(lambda: unread(gateway) < MIB, "nothing is left")


def test_where_nobody_gives_way_output_is_left_out(engine, start):
    """And the answer says so; a run that is over, and read, is not ended for it."""
    gateway = start(MAYFLY_MAX_UNREAD_BYTES=4 * MIB)
    with gateway.post(flood(size=8 * MIB, outputs=["*"], large_files=[])) as client:
        answer = client.receive().json()
    assert answer["status"] == "success" and answer["stdout_bytes"] == 8 * MIB
    assert answer["stdout_truncated"] and len(answer["stdout"]) < 4 * MIB
    assert answer["reason"] == "output_limit" and "no memory left" in answer["message"]
    until(lambda: unread(gateway) == 0, "nothing is left")
    assert gateway.execute({"stdout": "next"})[1]["stdout"] == "next"


def test_a_crowd_gives_way_to_others(engine, start, keys_file):
    """The largest run of the key that holds the most is ended, as failed; nobody else's."""
    gateway = start(MAYFLY_MAX_UNREAD_BYTES=16 * MIB, MAYFLY_MAX_BOXES=8,
                    MAYFLY_KEYS_FILE=keys_file(entry("crowd"), entry("other")))
    crowd = [gateway.post(flood(size=6 * MIB, gate=f"{n}"), headers=[bearer("crowd")]) for n in range(2)]
    until(lambda: unread(gateway, bearer("other")) > 11 * MIB, "most is held")
    with gateway.post(flood(size=4 * MIB), headers=[bearer("other")]) as client:
        answer = client.receive().json()
    assert answer["status"] == "success" and not answer["stdout_truncated"]
    engine.open("0")
    engine.open("1")
    answers = [client.receive().json() for client in crowd]
    assert sorted(answer["status"] for answer in answers) == ["failed", "success"]
    failed = next(answer for answer in answers if answer["status"] == "failed")
    assert failed["reason"] == "sandbox" and "no memory left" in failed["message"]


def test_kept_answers_are_read_by_any_number(start):
    """Each reader has one portion in hand, however long the answer is."""
    gateway = start()
    body = flood("\x01", 8 * MIB)
    with gateway.post(body, "/api/v1/executions") as client:
        location = client.receive().headers["location"]
        assert client.request("GET", f"{location}?wait=30").status == 200
    readers = []
    for _ in range(20):
        client = hesitant(gateway, {"code": "x"})
        client.receive()
        client.send("GET", location)
        readers.append(client)
    found = gateway.wait_metrics(lambda found: found.value("mayfly_http_requests_pending") > 20)
    assert found.value("mayfly_unread_bytes", what="portions") < 20 * 200 * KIB
    assert found.value("mayfly_unread_bytes", what="answers") < MIB
    for client in readers:
        client.close()
