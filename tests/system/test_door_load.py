"""What the door allows in number, in time and in memory: connections, slow heads and bodies, slow readers, held bodies."""

import json
import select
import socket
import tempfile
import time

import pytest

from crowd import Crowd, descriptors_count, is_sanitized, latencies, percentile, rss_bytes
from door import head, post, until_closed
import gateway as gateway_module
from engine import Engine
from gateway import Client, Gateway
from helpers import bearer, entry, gated, running, settled, until
from metrics import Metrics

KIB, MIB = 1 << 10, 1 << 20


def client_from(gateway, source):
    """A client at another address of this host."""
    return Client(gateway.address, source=(source, 0))


# ---- how many ----

def test_connections_over_the_cap_wait_until_one_has_gone(start):
    gateway = start(MAYFLY_MAX_CONNECTIONS=4)
    until(lambda: gateway.request("GET", "/livez").status == 200, "the probes of the start have gone")
    clients = [gateway.client() for _ in range(4)]
    for client in clients:
        assert client.request("GET", "/livez").status == 200
    with gateway.client() as late:
        late.send("GET", "/livez")
        late.socket.settimeout(0.3)
        with pytest.raises(TimeoutError):
            late.receive()
        late.socket.settimeout(10)
        clients.pop().close()
        assert late.receive().status == 200
    for client in clients:
        client.close()


def test_an_address_has_its_own_cap(start):
    gateway = start(MAYFLY_MAX_CONNECTIONS_PER_ADDRESS=3)
    clients = [client_from(gateway, "127.0.0.2") for _ in range(3)]
    for client in clients:
        assert client.request("GET", "/livez").status == 200
    with client_from(gateway, "127.0.0.2") as fourth:
        response = fourth.receive()
        assert response.status == 503 and response.headers["retry-after"] == "1"
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] == "too_many_connections"
        assert until_closed(fourth) == b""
    with client_from(gateway, "127.0.0.3") as other:
        assert other.request("GET", "/livez").status == 200
    clients.pop().close()

    def served():
        with client_from(gateway, "127.0.0.2") as again:
            return again.request("GET", "/livez").status == 200

    until(served, "the address may connect again")
    for client in clients:
        client.close()


def test_want_of_descriptors_is_outlived_without_spinning(start, tmp_path, monkeypatch):
    limited = tmp_path / "mayfly"
    limited.write_text(f'#!/bin/sh\nulimit -n 48\nexec "{gateway_module.BINARY}" "$@"\n')
    limited.chmod(0o755)
    monkeypatch.setattr(gateway_module, "BINARY", str(limited))
    gateway = start()
    clients = [gateway.client() for _ in range(60)]
    gateway.process.wait_line('"accept_failed"')
    begun, seen = time.monotonic(), len(gateway.events("accept_failed"))
    assert clients[0].request("GET", "/livez").status == 200
    until(lambda: len(gateway.events("accept_failed")) >= seen + 3, "it tries again")
    assert len(gateway.events("accept_failed")) <= seen + 3 + (time.monotonic() - begun) * 15
    for client in clients:
        client.close()
    assert gateway.request("GET", "/livez").status == 200


# ---- how long ----

def drip(client, data, interval=0.02):
    """Send byte after byte until the gateway closes. The seconds that it took, and what it said."""
    begun = time.monotonic()
    for byte in data:
        if select.select([client.socket], [], [], interval)[0]:
            break
        try:
            client.socket.send(bytes([byte]))
        except ConnectionError:
            break
    said = until_closed(client)
    return time.monotonic() - begun, said


DRIPPED = {
    "head": (b"", b"GET /livez HTTP/1.1\r\nhost: localhost\r\nx: " + b"y" * 5000),
    "body": (head("content-length: 100000"), b" " * 5000),
    "chunked body": (head("transfer-encoding: chunked"), b"1\r\n \r\n" * 1000),
    "chunk extension": (head("transfer-encoding: chunked"), b"5;" + b"e" * 5000),
    "trailers": (head("transfer-encoding: chunked") + b"c\r\n" + b'{"code":"x"}\r\n0\r\n', b"x: y\r\n" * 1000),
    "empty lines": (b"\r\n", b"\r" * 5000),
}


@pytest.fixture(scope="module")
def hasty():
    """A gateway that allows a request one second."""
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, \
            Engine(f"{folder}/docker.sock") as engine, \
            Gateway(f"unix://{engine.path}", MAYFLY_WARM=2, MAYFLY_HEADER_TIMEOUT_MS=1000) as gateway:
        yield gateway


@pytest.mark.parametrize("at_once, dripped", DRIPPED.values(), ids=DRIPPED)
def test_dripping_does_not_buy_time(hasty, at_once, dripped):
    with hasty.client() as client:
        client.socket.sendall(at_once)
        took, said = drip(client, dripped)
    assert took < 4
    assert not said or said.startswith(b"HTTP/1.1 4"), said


def test_an_idle_connection_is_closed(hasty):
    with hasty.client() as client:
        assert client.request("GET", "/livez").status == 200
        assert until_closed(client) == b""


def test_a_run_may_take_longer_than_its_request(hasty):
    status, answer = hasty.execute({"sleep_ms": 1500, "stdout": "late"})
    assert status == 200 and answer["stdout"] == "late"


def test_a_slow_reader_is_cut_off(start):
    gateway = start(MAYFLY_WRITE_TIMEOUT_MS=1000)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(gateway.address)
    client.sendall(post(json.dumps({"code": json.dumps({"flood_bytes": 8 * MIB}),
                                    "limits": {"output_bytes": 8 * MIB}}).encode()))
    gateway.process.wait_line('"slow_reader_cut"')
    with pytest.raises(ConnectionError):
        while client.recv(1 << 20):
            pass
    client.close()
    assert gateway.execute({"stdout": "next"})[1]["stdout"] == "next"


# ---- how many bytes ----

PENDING = {"MAYFLY_MAX_PENDING_BYTES": MIB, "MAYFLY_MAX_BODY_BYTES": 256 * KIB}


def large(gate, size=200 * KIB):
    return {**gated(gate), "stdin": "x" * size}


def incoming(gateway, count, size=200 * KIB, headers=()):
    """So many clients who have sent so much of a request that is longer."""
    clients = [gateway.client() for _ in range(count)]
    for client in clients:
        client.socket.sendall(head(f"content-length: {250 * KIB}", *headers) + b" " * size)
    return clients


def held_bytes(gateway, *headers):
    text = gateway.request("GET", "/metrics", headers=headers).body.decode()
    return Metrics(text).value("mayfly_http_held_bytes")


def busy(response):
    assert response.status == 503, response
    assert response.headers["retry-after"] == "1" and response.headers["connection"] == "close"
    assert response.json()["code"] == "busy"


def test_a_request_that_has_been_read_holds_nothing(engine, start):
    """However many of them wait for their run, there is room for more, and the memory has gone back."""
    gateway = start(MAYFLY_MAX_BOXES=2, MAYFLY_WARM=1, MAYFLY_MAX_PENDING_BYTES=8 * MIB, MAYFLY_MAX_BODY_BYTES=2 * MIB)
    front = gateway.pids()["front"]
    before = rss_bytes(front)
    clients = []
    for number in range(1, 13):
        clients.append(gateway.post(large("g", 2 * MIB - 4 * KIB)))
        # The front's numbers are of this moment, and count the request for them; the broker tells its own once a second.
        gateway.wait_metrics(lambda found, count=number: found.value("mayfly_http_requests_pending") == count + 1
                             and found.value("mayfly_http_held_bytes") < count * 16 * KIB)
    gateway.wait_metrics(lambda found: found.value("mayfly_runs_submitted_total") == 12)
    assert held_bytes(gateway) < 12 * 16 * KIB
    if not is_sanitized(gateway_module.BINARY):
        assert rss_bytes(front) - before < 12 * MIB
    engine.open("g")
    for client in clients:
        assert client.receive().status == 200
        assert client.post({"code": json.dumps({"stdout": "next"})}).receive().json()["stdout"] == "next"
        client.close()


def test_bodies_that_come_in_count_and_no_more_is_read_than_the_budget(engine, start):
    gateway = start(**PENDING)
    clients = incoming(gateway, 6)
    answered = select.select([client.socket for client in clients], [], [], 10)[0]
    assert len(answered) == 1
    for client in clients:
        if client.socket in answered:
            busy(client.receive())
            assert until_closed(client) == b""
        client.close()
    engine.open("open")

    def fits():
        with gateway.post(large("open")) as client:
            return client.receive().status == 200

    until(fits, "what the others held is free again")


def test_small_requests_are_served_while_bodies_fill_the_budget(start):
    gateway = start(**PENDING)
    clients = incoming(gateway, 5)
    until(lambda: held_bytes(gateway) > 5 * 200 * KIB, "all of it has come")
    assert gateway.execute({"stdout": "small"})[1]["stdout"] == "small"
    with gateway.post(large("g")) as refused:
        busy(refused.receive())
    for client in clients:
        client.close()


def test_a_body_that_awaits_100_continue_counts_too(start):
    gateway = start(**PENDING)
    clients = incoming(gateway, 5)
    until(lambda: held_bytes(gateway) > 5 * 200 * KIB, "all of it has come")
    body = json.dumps(large("g")).encode()
    with gateway.client() as client:
        client.socket.sendall(head(f"content-length: {len(body)}", "expect: 100-continue"))
        assert client.receive().status == 100
        client.socket.sendall(body)
        busy(client.receive())
    for client in clients:
        client.close()


def test_a_second_request_on_a_connection_counts_like_the_first(start):
    gateway = start(**PENDING)
    clients = [gateway.client() for _ in range(6)]
    for client in clients:
        assert client.post({"code": "x", "stdin": "y" * 150 * KIB}).receive().status == 200
    for client in clients[:5]:
        client.socket.sendall(head(f"content-length: {250 * KIB}") + b" " * (200 * KIB))
    until(lambda: held_bytes(gateway) > 5 * 200 * KIB, "all of it has come")
    busy(clients[5].post(large("g")).receive())
    for client in clients:
        client.close()


def test_whoever_sends_the_most_gives_way(start, keys_file):
    """Of the key whose requests hold the most, the newest that is coming in is refused when another key needs the room."""
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("crowd"), entry("other"), entry("third")), **PENDING)
    crowd = []
    for number in range(1, 6):
        crowd += incoming(gateway, 1, headers=["authorization: Bearer crowd"])
        until(lambda least=number * 200 * KIB: held_bytes(gateway, bearer("other")) > least, "it has come")
    for key in "other", "third":
        body = {"code": json.dumps({"stdout": key}), "stdin": "y" * 190 * KIB}
        with gateway.post(body, headers=[bearer(key)]) as client:
            answer = client.receive()
            assert answer.status == 200 and answer.json()["stdout"] == key
    busy(crowd[-1].receive())
    assert until_closed(crowd[-1]) == b""
    # The rest of the crowd goes on where it was.
    assert not select.select([client.socket for client in crowd[:-1]], [], [], 0)[0]
    for client in crowd[:-1]:
        client.socket.sendall(b" " * (50 * KIB))
        assert client.receive().status == 400
        client.close()
    text = gateway.request("GET", "/metrics", headers=[bearer("other")]).body.decode()
    assert Metrics(text).value("mayfly_requests_gave_way_total", what="incoming") == 1


# ---- clients that hang up ----

def fin(client):
    client.close()


def reset(client):
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()


def half(client):
    """Close the sending side, and wait for the gateway to close the other."""
    client.socket.shutdown(socket.SHUT_WR)
    until_closed(client)
    client.close()


HANG_UPS = pytest.mark.parametrize("hang_up", [fin, reset, half], ids=["FIN", "RST", "half-close"])


@HANG_UPS
def test_a_hang_up_at_any_byte_of_a_request_starts_nothing(engine, start, hang_up):
    gateway = start(MAYFLY_WARM=2)
    settled(engine, 2)
    request = post(json.dumps(gated("never")).encode())
    for cut in range(len(request)):
        with gateway.client() as client:
            client.socket.sendall(request[:cut])
            hang_up(client)
    assert gateway.execute({"stdout": "next"})[1]["stdout"] == "next"
    assert len(engine.runs) == 1
    assert not [event for event in gateway.events("request_ended") if event["status"] == 499]


def gone(gateway):
    return [event for event in gateway.events("request_ended") if event.get("verdict") == "client_gone"]


def ends_within_a_second(engine, run):
    begun = time.monotonic()
    engine.wait(lambda: run.end, "the run ends", timeout=5)
    took = time.monotonic() - begun
    assert run.end in ("canceled", "killed") and took < 1, (run.end, took)


@HANG_UPS
@pytest.mark.parametrize("output", [0, 64, 600 * KIB], ids=["silent", "talks", "floods"])
def test_a_hang_up_while_the_program_runs_ends_it(engine, start, hang_up, output):
    gateway = start(MAYFLY_WARM=2)
    client = gateway.post(gated("never", flood_bytes=output))
    running(engine, 1)
    hang_up(client)
    ends_within_a_second(engine, engine.runs[0])
    until(lambda: len(gone(gateway)) == 1, "the hang-up is counted")
    settled(engine, 2)


@HANG_UPS
def test_a_hang_up_while_the_run_waits_for_a_box_takes_it_off_the_queue(engine, start, hang_up):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    first = gateway.post(gated("g"))
    running(engine, 1)
    waiting = gateway.post(gated("never"))
    last = gateway.post({"code": '{"stdout":"last"}'})
    hang_up(waiting)
    until(lambda: len(gone(gateway)) == 1, "the hang-up is counted")
    engine.open("g")
    assert first.receive().status == 200
    assert last.receive().json()["stdout"] == "last"
    assert len(engine.runs) == 2
    first.close()
    last.close()


@HANG_UPS
def test_a_hang_up_behind_more_requests_is_seen(engine, start, hang_up):
    gateway = start(MAYFLY_WARM=2)
    with gateway.client() as client:
        client.post(gated("never")).post(gated("never"))
        running(engine, 1)
        hang_up(client)
        ends_within_a_second(engine, engine.runs[0])
    settled(engine, 2)
    assert len(engine.runs) == 1 or not [run for run in engine.runs if not run.end]


def test_a_hundred_hang_ups_at_once_are_all_counted(engine, start):
    gateway = start(MAYFLY_WARM=2, MAYFLY_MAX_BOXES=8)
    clients = [gateway.post(gated("never")) for _ in range(100)]
    running(engine, 8)
    for client in clients:
        client.hang_up()
    until(lambda: len(gone(gateway)) == 100, "each hang-up is counted")
    settled(engine, 2)
    assert all(run.end in ("canceled", "killed") for run in engine.runs)


# ---- a crowd ----

CROWD = 2000
MOST_BYTES = 64 * MIB * CROWD // 10_000  # 64 MiB for ten thousand: tests/bench/door.py


def test_a_crowd_of_idle_and_slow_clients_harms_nobody(start):
    gateway = start(MAYFLY_HEADER_TIMEOUT_MS=120000, MAYFLY_LOG_LEVEL="warning")
    pid = gateway.pids()["front"]

    def ask():
        assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"

    alone = latencies(ask, 50)
    before = rss_bytes(pid)
    with Crowd(gateway.port, CROWD) as crowd:
        until(lambda: descriptors_count(pid) > CROWD, "all are connected")
        crowded = latencies(ask, 50, lambda number: number % 10 or crowd.drip())
        grown = rss_bytes(pid) - before
    print(f"{grown / CROWD:.0f} bytes a connection; p50 and p99 of honest clients, alone and then crowded: "
          f"{[round(percentile(t, p) * 1000, 1) for p in (0.5, 0.99) for t in (alone, crowded)]} ms")
    assert grown <= MOST_BYTES * (2 if is_sanitized(gateway_module.BINARY) else 1)
    until(lambda: descriptors_count(pid) < CROWD / 10, "all have gone")
    ask()
