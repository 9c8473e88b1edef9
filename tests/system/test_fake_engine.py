"""The fake engine itself: the behaviour of the real one that causes mistakes in brokers."""

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


# ---- the boxes of sessions ----

class Stream:
    """The engine's end of a session's box."""

    def __init__(self, engine, peer):
        box = made(peer)
        self.peer, self.parser, self.frames, self.rest = attached(engine, box), wire.Parser(), [], b""
        peer.call("POST", f"/v1.41/containers/{box}/start")
        assert self.next().type == wire.READY
        self.number = 0

    def next(self):
        while not self.frames:
            self.rest += self.peer.socket.recv(65536)
            while len(self.rest) >= 8 and len(self.rest) >= 8 + (size := int.from_bytes(self.rest[4:8], "big")):
                self.frames += self.parser.feed(self.rest[8:8 + size])
                self.rest = self.rest[8 + size:]
        return self.frames.pop(0)

    def send(self, directive, **job):
        self.number += 1
        fields = {"is_cell": True, "session_ms": 60000, "keeps_box": True, "displays_bytes": 1000, **job}
        self.peer.socket.sendall(wire.Job(json.dumps(directive), **fields).frame(self.number))

    def collect(self):
        """The outcome of the last run, and its other frames, once READY follows."""
        frames = []
        while (frame := self.next()).type != wire.END:
            assert frame.run_id == self.number
            frames.append(frame)
        assert self.next().type == wire.READY
        return wire.Outcome.decode(frame.payload), frames

    def run(self, directive, **job):
        self.send(directive, **job)
        return self.collect()


def said(frames):
    return b"".join(frame.payload[1:] for frame in frames if frame.type == wire.OUTPUT)


def test_a_session_keeps_names_until_its_interpreter_ends(engine, peer):
    stream = Stream(engine, peer)
    assert stream.run({"set": {"x": 1}})[0].generation == 1
    outcome, frames = stream.run({"get": True})
    assert (said(frames), outcome.generation) == (b'{"x": 1}', 1)
    assert stream.run({"dies": 3})[0].exit_code == 3
    outcome, frames = stream.run({"get": True})
    assert (said(frames), outcome.generation) == (b"{}", 2)
    stream.run({"dies_later": True})
    assert stream.run({})[0].generation == 3


def test_a_session_is_interrupted(engine, peer):
    stream = Stream(engine, peer)
    for directive, verdict, generation in (({}, wire.EXITED, 1), ({"stubborn": True}, wire.SIGNALED, 2)):
        stream.send({"gate": "never", "stdout": "x", **directive})
        while stream.next().type != wire.OUTPUT:
            pass
        stream.peer.socket.sendall(wire.frame(wire.INTERRUPT, stream.number + 1) + wire.frame(wire.INTERRUPT, stream.number))
        outcome, _ = stream.collect()
        assert (outcome.verdict, outcome.generation) == (verdict, generation)
    outcome, frames = stream.run({"gate": "never"}, timeout_ms=100)
    assert (outcome.verdict, outcome.generation) == (wire.TIMEOUT, 2)
    assert frames[-1].type == wire.DISPLAY and b"KeyboardInterrupt" in frames[-1].payload


def test_a_session_moves_files_without_a_cell(engine, peer):
    stream = Stream(engine, peer)
    files = {"is_cell": False, "files_bytes": 1000, "file_bytes": 1000}
    stream.run("-", files={"a/b.txt": b"123", "c": b""}, **files)
    stream.run({"write": {"d.txt": "45"}})
    _, frames = stream.run("-", outputs=["**"], **files)
    assert [wire.Artifact.decode(frame.payload).path for frame in frames[1:]] == ["a/b.txt", "c", "d.txt"]
    _, frames = stream.run("-", outputs=["**/*.txt"], **files | {"file_bytes": 0})
    found = [wire.Artifact.decode(frame.payload) for frame in frames[1:]]
    assert [(file.path, file.content, file.size_bytes) for file in found] == [("a/b.txt", b"", 3), ("d.txt", b"", 2)]
    assert stream.run("-", removed=["c"], **files)[0].exit_code == 0
    assert stream.run("-", removed=["c"], **files)[0].exit_code == 1
    assert "cannot be written" in stream.run("-", files={"unwritable": b""}, **files)[0].text


def test_a_session_counts_what_it_drops(engine, peer):
    stream = Stream(engine, peer)
    assert [stream.run(directive)[0].dropped_bytes for directive in ({"drops": 5}, {}, {})] == [0, 5, 0]
