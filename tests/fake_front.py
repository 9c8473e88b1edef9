"""A front in Python. It can send frames that no correct front sends, and it shows each frame that it gets, in order.

    with Broker(f"unix://{engine.path}", MAYFLY_SESSIONS=4) as broker, broker.front() as front:
        session = front.open("name")
        front.run(session, {"set": {"x": 1}})
"""

import json
import os
import random
import socket
import tempfile
import time

import wire
from gateway import ANSWER_SECONDS, OF_THE_ENGINE, SLOW_SETTINGS, Process

LIFE_MS = 3600_000


class Broker:
    """`mayfly broker` alone."""

    def __init__(self, docker_host, **settings):
        self.folder = tempfile.TemporaryDirectory(prefix="mayfly-broker-")
        os.chmod(self.folder.name, 0o755)
        self.path = f"{self.folder.name}/wire.sock"
        self.settings = {"DOCKER_HOST": docker_host, "MAYFLY_WIRE_SOCKET": self.path, "MAYFLY_LOG": "json",
                         "MAYFLY_WARM": 1, "MAYFLY_MAX_BOXES": 8, "MAYFLY_USER": "", **SLOW_SETTINGS,
                         **OF_THE_ENGINE, **settings}
        self.process = None

    def __enter__(self):
        self.process = Process("broker", self.settings)
        deadline = time.monotonic() + ANSWER_SECONDS
        while not self.process.events("ready"):
            assert time.monotonic() < deadline, self.process.log()
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        if self.process.popen.poll() is None:
            self.process.stop()
        self.folder.cleanup()

    def front(self, owner=""):
        return Front(self, owner)

    def log(self):
        return self.process.log()


class Run:
    """The frames that have come for a run so far."""

    def __init__(self, number, session):
        self.number, self.session = number, session
        self.frames = []
        self.outcome = self.refused = None

    @property
    def stdout(self):
        return b"".join(frame.payload[1:] for frame in self.frames if frame.type == wire.OUTPUT)

    @property
    def files(self):
        return [wire.Artifact.decode(frame.payload) for frame in self.frames if frame.type == wire.FILE]

    @property
    def has_ended(self):
        return self.outcome is not None or self.refused is not None


class Front:
    def __init__(self, broker, owner=""):
        self.broker, self.owner = broker, owner
        self.runs = {}      # by number
        self.sessions = {}  # by wire id: the last notice
        self.records = {}   # by wire id, of all notices
        self.order = []     # notices and last frames as they came: ("idle", id), ("end", number) ...
        self.is_told = False
        self._parser = wire.Parser()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(ANSWER_SECONDS)
        self.socket.connect(broker.path)

    def __enter__(self):
        self.wait(lambda: self.is_told, "all sessions are told")
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    # ---- in ----

    def wait(self, condition, what):
        """Read frames until the condition is true."""
        while not (value := condition()):
            try:
                data = self.socket.recv(1 << 16)
            except TimeoutError:
                data = b""
            assert data, f"{what}: {self.order[-20:]}\n{self.broker.log()}"
            for frame in self._parser.feed(data):
                self._take(frame)
        return value

    def _take(self, frame):
        if frame.type == wire.SESSION:
            return self._take_notice(frame)
        run = self.runs.get(frame.run_id)
        if run is None:
            return None
        assert not run.has_ended, f"{wire.TYPE_NAMES[frame.type]} after the last frame"
        run.frames.append(frame)
        if frame.type == wire.END:
            run.outcome = wire.Outcome.decode(frame.payload)
            self.order.append(("end", frame.run_id))
        elif frame.type == wire.REFUSED:
            run.refused = wire.number(dict(wire.fields(frame.payload))[wire.TAG_KIND])
            self.order.append(("refused", frame.run_id))
        return None

    def _take_notice(self, frame):
        if frame.run_id == 0:
            assert not frame.payload and not self.is_told
            self.is_told = True
            return
        notice = wire.SessionNotice.decode(frame.payload)
        self.sessions[frame.run_id] = notice
        self.records.setdefault(frame.run_id, []).append(notice.record)
        self.order.append((("idle", "busy", "gone")[notice.state - 1], frame.run_id))

    def notice(self, session, condition, what="a notice"):
        """Wait until a notice of the session fulfils the condition. Returns that notice."""
        self.wait(lambda: session in self.sessions and condition(self.sessions[session]), what)
        return self.sessions[session]

    def gone(self, session):
        """Wait for the notice that the session has ended. Returns the reason."""
        notice = self.notice(session, lambda said: said.state == wire.SESSION_GONE, "gone")
        assert notice.ended_ms and notice.forgotten_ms > notice.ended_ms and not notice.record
        return wire.SESSION_REASONS[notice.reason]

    # ---- out ----

    def send(self, directive="-", session=0, **fields):
        """Send a run. A run of a session is a cell by default."""
        number = random.getrandbits(64) | 1
        source = directive if isinstance(directive, str) else json.dumps(directive)
        if session:
            fields = {"is_cell": True, "box_scope": session, "session_ms": LIFE_MS, "displays_bytes": 1000,
                      "execution": f"{number:016x}", **fields}
        self.runs[number] = Run(number, session)
        self.socket.sendall(wire.Job(source, owner=fields.pop("owner", self.owner), **fields).frame(number))
        return self.runs[number]

    def ended(self, run):
        self.wait(lambda: run.has_ended, "the run's last frame")
        return run

    def run(self, session, directive="-", **fields):
        """Run a cell, and check that it has ended."""
        run = self.ended(self.send(directive, session, **fields))
        assert run.outcome is not None, (run.refused, self.broker.log())
        return run

    def started(self, run, what=wire.OUTPUT):
        """Wait until the run has written something."""
        self.wait(lambda: any(frame.type == what for frame in run.frames), "the run has begun")
        return run

    def send_opening(self, name, idle_ms=600_000, life_ms=LIFE_MS, record=b"record", **fields):
        number = random.getrandbits(64) | 1
        run = self.send("-", number, is_cell=False, session_ms=life_ms, session_name=name, session_idle_ms=idle_ms,
                        session_record=record, **fields)
        return number, run

    def open(self, name, **fields):
        """Open a session. Returns its id on the wire."""
        number, run = self.send_opening(name, **fields)
        self.ended(run)
        assert run.outcome and run.outcome.exit_code == 0, (run.refused, self.broker.log())
        return number

    def order_of(self, session, deed, **fields):
        self.socket.sendall(wire.session_order(session, deed, **fields))

    def interrupt(self, run):
        self.socket.sendall(wire.frame(wire.INTERRUPT, run.number))

    def cancel(self, run):
        self.socket.sendall(wire.frame(wire.CANCEL, run.number))
