"""The fake engine itself: the ways of the real one that brokers trip over."""

import json
import socket

import pytest

import wire
from faults import hang, status

SPEC = {"Image": "mayfly-python:latest", "Labels": {"mayfly.managed": "1"}}
UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n"


class Peer:
    """A client that can do everything wrong."""

    sockets = []

    def __init__(self, engine):
        self.socket = socket.socket(socket.AF_UNIX)
        self.sockets.append(self.socket)
        self.socket.settimeout(5)
        self.socket.connect(engine.path)

    def send(self, method, target, body=None, extra="", after=b""):
        body = json.dumps(body).encode() if body is not None else b""
        self.socket.sendall(f"{method} {target} HTTP/1.1\r\nHost: e\r\n{extra}Content-Type: application/json"
                            f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body + after)

    def call(self, *args, **options):
        """(status, rest of the answer)"""
        self.send(*args, **options)
        answer = self.socket.recv(65536)
        return (int(answer.split(b" ")[1]), answer.partition(b"\r\n\r\n")[2]) if answer else (0, b"")


@pytest.fixture
def peer(engine):
    yield Peer(engine)
    while Peer.sockets:
        Peer.sockets.pop().close()


def made(peer, name="box"):
    code, body = peer.call("POST", f"/v1.41/containers/create?name={name}", SPEC)
    assert code == 201
    return json.loads(body)["Id"]


def attached(engine, box, after=b""):
    stream = Peer(engine)
    assert stream.call("POST", f"/v1.41/containers/{box}/attach?stream=1", extra=UPGRADE,
                       after=after)[0] == 101
    return stream


def test_statuses(engine, peer):
    box = made(peer)
    assert peer.call("GET", "/v1.99/info")[0] == 400
    assert peer.call("GET", "/v1.41/nothing")[0] == 404
    assert peer.call("POST", "/v1.41/containers/create?name=box", SPEC)[0] == 409
    assert peer.call("POST", "/v1.41/containers/create?name=other", {"Image": "none"})[0] == 404
    assert peer.call("POST", f"/v1.41/containers/{box}/start")[0] == 204
    assert peer.call("POST", f"/v1.41/containers/{box}/start")[0] == 304
    assert peer.call("DELETE", f"/v1.41/containers/{box}")[0] == 409
    assert peer.call("DELETE", f"/v1.41/containers/{box}?force=1")[0] == 204
    assert peer.call("DELETE", f"/v1.41/containers/{box}?force=1")[0] == 404


def test_bytes_before_the_101_are_lost_and_later_ones_are_not(engine, peer):
    box = made(peer)
    stream = attached(engine, box, after=wire.Job(source="{}").frame(1))
    stream.socket.sendall(wire.Job(source='{"stdout":"second"}').frame(2))
    peer.call("POST", f"/v1.41/containers/{box}/start")
    engine.wait(lambda: engine.runs and engine.runs[0].end, "the run")
    assert [run.job.source for run in engine.runs] == [b'{"stdout":"second"}']


def test_the_removal_of_a_box_that_nobody_reads_hangs(engine, peer):
    box = made(peer)
    stream = attached(engine, box)
    peer.call("POST", f"/v1.41/containers/{box}/start")
    stream.socket.sendall(wire.Job(source='{"flood_bytes":8000000}', output_bytes=1 << 30).frame(1))
    engine.wait(lambda: engine.containers[box].stream.unread, "a full stream")
    peer.send("DELETE", f"/v1.41/containers/{box}?force=1")
    peer.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        peer.socket.recv(1)
    stream.socket.close()
    peer.socket.settimeout(5)
    assert b" 204 " in peer.socket.recv(65536) and not engine.containers


def test_closing_the_stream_ends_init(engine, peer):
    box = made(peer)
    stream = attached(engine, box)
    peer.call("POST", f"/v1.41/containers/{box}/start")
    stream.socket.sendall(wire.Job(source='{"gate":"never"}').frame(1))
    engine.wait(lambda: engine.runs, "the run")
    stream.socket.close()
    engine.wait(lambda: engine.containers[box].state == "exited", "init has ended")
    assert engine.runs[0].end == "canceled"


def test_the_script_counts_calls(engine, peer):
    engine.script("version", status(500), nth=2, count=2)
    assert [peer.call("GET", "/version")[0] for _ in range(4)] == [200, 500, 500, 200]


def test_a_hanging_call_ends_when_the_engine_heals(engine, peer):
    engine.script("version", hang())
    peer.send("GET", "/version")
    engine.wait(lambda: engine.calls("version"), "the call")
    engine.heal()
    assert peer.socket.recv(1) == b""


def test_a_restart_leaves_dead_containers(engine, peer):
    box = made(peer)
    peer.call("POST", f"/v1.41/containers/{box}/start")
    engine.stop()
    assert peer.socket.recv(1) == b""
    engine.start()
    code, body = Peer(engine).call("GET", f"/v1.41/containers/{box}/json")
    assert code == 200 and json.loads(body)["State"]["Status"] == "exited"
