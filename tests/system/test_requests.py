"""Long requests are read in parts, in turns with other requests; and clients that do not wait for that."""

import os
import signal
import socket
import threading

import pytest

from crowd import is_sanitized
from door import head
from gateway import BINARY
from helpers import CLOCK_TRIES, bearer, entry, until
from metrics import Metrics

MIB = 1 << 20
SIZE = 24 * MIB
SETTINGS = {"MAYFLY_MAX_BODY_BYTES": SIZE, "MAYFLY_MEMORY_BYTES": "1GiB", "MAYFLY_MAX_FILES_BYTES": SIZE}
BEGIN = b'{"code":"{}",'
FILE = BEGIN + b'"files":[{"path":"a","encoding":"base64","content":"'


def filled(begin, unit, end, size=SIZE):
    """A body of this size."""
    return begin + unit * ((size - len(begin) - len(end)) // len(unit)) + end


def listed(begin, end, count, unit):
    """A body of so many members or elements; `unit` makes one of its number."""
    return begin + b",".join(unit(number) for number in range(count)) + end


def files(count, content, encoding):
    return listed(BEGIN + b'"files":[', b"]}", count, lambda number: b'{"path":"d%d/f","encoding":"%s","content":"%s"}' % (
        number, encoding, content))


# What the body is made of; what becomes of it.
SHAPES = {
    "one long string": (lambda: filled(BEGIN + b'"stdin":"', b"x", b'"}'), 200),
    "characters": (lambda: filled(BEGIN + b'"stdin":"', "é€😀".encode(), b'"}'), 200),
    "escapes": (lambda: filled(BEGIN + b'"stdin":"', b"\\u00e9", b'"}'), 200),
    "a file in base64": (lambda: filled(FILE, b"QUJD", b'"}]}'), 200),
    "base64 that is none at its end": (lambda: filled(FILE, b"QUJD", b'*AAA"}]}'), 422),
    "many files": (lambda: files(256, b"y" * (SIZE // 256 - 100), b"utf-8"), 200),
    "many files in base64": (lambda: files(256, b"QUJD" * (SIZE // 1024 - 30), b"base64"), 200),
    "long unknown members": (lambda: listed(BEGIN, b"}", 8000, lambda number: b'"k%d%s":"%s"' % (
        number, b"n" * 240, b"y" * (SIZE // 8000 - 260))), 422),
    "long arguments": (lambda: listed(BEGIN + b'"args":[', b"]}", 256, lambda _: b'"%s"' % (b"z" * (SIZE // 256 - 10))), 422),
    "many arguments": (lambda: listed(BEGIN + b'"args":[', b"]}", 16000, lambda _: b'"%s"' % (
        b"z" * (SIZE // 16000 - 3))), 422),
    "white space": (lambda: filled(b"", b" ", b'{"code":"{}"}'), 200),
    "no JSON at its end": (lambda: filled(BEGIN + b'"stdin":"', b"x", b'"]'), 400),
    "a duplicate at its end": (lambda: filled(BEGIN + b'"stdin":"', b"x", b'","code":1}'), 400),
    "too many values": (lambda: filled(BEGIN + b'"args":[', b"[],", b"1]}"), 400),
}


def spent_seconds(gateway):
    return gateway.metrics().value("process_cpu_seconds_total", role="front")


def longest_turn_seconds(gateway):
    return gateway.metrics().value("mayfly_front_longest_turn_seconds")


def longest_share(start, settings, ask):
    """The longest turn's share of the CPU time that a gateway's front spends on what `ask` sends."""
    gateway = start(**settings)
    before = spent_seconds(gateway)
    ask(gateway)
    spent, longest = spent_seconds(gateway) - before, longest_turn_seconds(gateway)
    print(f"{spent * 1000:.0f} ms of CPU time, at most {longest * 1000:.1f} ms of it at a stretch")
    return longest / spent


def post_framed(gateway, body, framing):
    with gateway.client(timeout=60) as client:
        if framing == "chunks":
            client.socket.sendall(head("transfer-encoding: chunked"))
            for at in range(0, len(body), MIB):
                part = body[at:at + MIB]
                client.socket.sendall(b"%x\r\n%s\r\n" % (len(part), part))
            client.socket.sendall(b"0\r\n\r\n")
        else:
            client.post(body, headers=[("idempotency-key", "k")] if framing == "key" else [])
        return client.receive()


@pytest.mark.parametrize("framing", ["length", "chunks", "key"])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_request_holds_up_the_loop(start, shape, framing):
    """However long and whatever it is made of, the front never works at it at a stretch. Where it did, that was from two
    fifths to nine tenths of all its work."""
    make, status = SHAPES[shape]
    body = make()
    assert len(body) <= SIZE

    def ask(gateway):
        answer = post_framed(gateway, body, framing)
        assert answer.status == status, answer

    assert any(longest_share(start, SETTINGS, ask) < 1 / 3 for _ in range(CLOCK_TRIES))


def test_a_crowd_of_long_requests_holds_up_the_loop_no_longer(start):
    body = filled(BEGIN + b'"stdin":"', b"\\u00e9", b'"}', 8 * MIB)

    def ask(gateway):
        answers = []

        def ask_one():
            with gateway.client(timeout=120) as client:
                answers.append(client.post(body).receive().status)

        threads = [threading.Thread(target=ask_one) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert answers == [200] * 12

    # The sanitizer copies a buffer that grows, which the C library moves. A request that is read at a stretch takes a twelfth.
    most = 1 / 15 if is_sanitized(BINARY) else 1 / 30
    assert any(longest_share(start, {"MAYFLY_MAX_BOXES": 16}, ask) < most for _ in range(CLOCK_TRIES))


# ---- in between ----

class Queued:
    """A gateway that is stopped while long requests come, so that these are read in many turns once it goes on."""

    def __init__(self, gateway, count, headers=()):
        self.gateway = gateway
        self.front = gateway.pids()["front"]
        self.body = filled(BEGIN + b'"stdin":"', b"\\u00e9", b'"}')
        self.clients = [gateway.client(timeout=60) for _ in range(count)]
        self._senders = [threading.Thread(target=self._send, args=(client, headers)) for client in self.clients]
        for sender in self._senders:
            sender.start()

    def _send(self, client, headers):
        try:
            client.post(self.body, headers=headers)
        except OSError:
            pass  # it was hung up, or the gateway has ended

    def close(self):
        for sender in self._senders:
            sender.join()
        for client in self.clients:
            client.close()


def test_a_small_request_does_not_wait_for_long_ones(start):
    """They are read one at a time, and it overtakes them: its answer comes while most of them have none."""
    gateway = start(MAYFLY_MAX_BOXES=16, **SETTINGS)
    queued = Queued(gateway, 6)
    until(lambda: gateway.metrics().value("mayfly_http_held_bytes") > SIZE, "they come in")
    answered = []
    while gateway.metrics().value("mayfly_runs_submitted_total") < 5:
        assert gateway.execute({"stdout": "small"})[1]["stdout"] == "small"
        answered.append(1)
        if len(answered) > 20:
            break
    assert len(answered) > 2
    for client in queued.clients:
        assert client.receive().status == 200
    queued.close()


def test_who_hangs_up_while_a_request_is_read_leaves_nothing(start, engine):
    gateway = start(MAYFLY_MAX_BOXES=16, **SETTINGS)
    for half_close in (False, True):
        queued = Queued(gateway, 4)
        until(lambda: gateway.metrics().value("mayfly_http_requests_pending") > 1, "they are being read", 30)
        for client in queued.clients:
            client.socket.shutdown(socket.SHUT_WR if half_close else socket.SHUT_RDWR)
        queued.close()
        gateway.wait_metrics(lambda found: found.value("mayfly_http_requests_pending") == 1
                             and found.value("mayfly_http_held_bytes") == 0, 30)
    assert gateway.execute({"stdout": "next"})[1]["stdout"] == "next"
    until(lambda: not [run for run in engine.runs if not run.end], "no run is left")


def test_a_stop_answers_requests_that_are_being_read(start):
    """Each is answered: with its run, when it had been read by then, or 503."""
    gateway = start(MAYFLY_MAX_BOXES=16, **SETTINGS)
    queued = Queued(gateway, 6)
    until(lambda: gateway.metrics().value("mayfly_http_requests_pending") > 1, "they are being read", 30)
    os.kill(gateway.processes[0].pid, signal.SIGTERM)
    statuses = []
    for client in queued.clients:
        try:
            statuses.append(client.receive().status)
        except ConnectionError:
            statuses.append(None)  # it had not come whole
    queued.close()
    assert 503 in statuses and set(statuses) <= {200, 503, None}, statuses
    assert gateway.stop() == [0]


def test_the_same_body_under_one_key_runs_once_however_it_is_read(start, engine):
    """Two that are read at a time: the second finds the first's execution when it has been read."""
    gateway = start(MAYFLY_MAX_BOXES=16, **SETTINGS)
    queued = Queued(gateway, 3, [("idempotency-key", "one")])
    answers = [client.receive() for client in queued.clients]
    queued.close()
    assert [answer.status for answer in answers] == [200] * 3
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(engine.runs) == 1


def test_a_key_that_is_taken_away_while_its_request_is_read_has_no_run(start, keys_file):
    path = keys_file(entry("one"), entry("two"))
    gateway = start(MAYFLY_KEYS_FILE=path, MAYFLY_MAX_BOXES=16, **SETTINGS)
    queued = Queued(gateway, 4, [bearer("one")])

    def pending():
        text = gateway.request("GET", "/metrics", headers=[bearer("two")]).body.decode()
        return Metrics(text).value("mayfly_http_requests_pending")

    until(lambda: pending() > 1, "they are being read", 30)
    keys_file(entry("two"))
    os.kill(gateway.processes[0].pid, signal.SIGHUP)
    statuses = []
    for client in queued.clients:
        try:
            statuses.append(client.receive().status)
        except ConnectionError:
            statuses.append(None)
    queued.close()
    assert 401 in statuses and set(statuses) <= {200, 401, None}, statuses


def test_what_waits_to_be_sent_gives_way_to_others(start, keys_file, engine):
    """The broker does not read: of the key whose requests wait, the newest is refused when another key needs the room."""
    gateway = start(MAYFLY_KEYS_FILE=keys_file(entry("crowd"), entry("other")), MAYFLY_MAX_BOXES=16,
                    MAYFLY_MAX_WAITING_BYTES="256MiB", **SETTINGS)
    broker = gateway.pids()["broker"]
    body = filled(b'{"code":"{}","stdin":"', b"x", b'"}', 20 * MIB)

    def unsent():
        text = gateway.request("GET", "/metrics", headers=[bearer("other")]).body.decode()
        return Metrics(text).value("mayfly_unsent_bytes")

    os.kill(broker, signal.SIGSTOP)
    try:
        crowd = []
        for number in range(4):
            crowd.append(gateway.client(timeout=60).post(body, headers=[bearer("crowd")]))
            # The first is being sent, and is not counted any more.
            until(lambda least=number * 20 * MIB: unsent() >= least, "it waits to be sent", 30)
        other = gateway.client(timeout=60).post(body, headers=[bearer("other")])
        refused = crowd[-1].receive()
        assert refused.status == 503 and refused.json()["code"] == "busy", refused
    finally:
        os.kill(broker, signal.SIGCONT)
    assert [client.receive().status for client in [*crowd[:-1], other]] == [200] * 4
    for client in [*crowd, other]:
        client.close()
