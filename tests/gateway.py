"""A real `mayfly` for tests and benchmarks: start it with settings, talk to it over HTTP, read its log, stop it.

    with Gateway(docker_host=f"unix://{engine.path}", MAYFLY_WARM=4) as gateway:
        status, answer = gateway.execute("print(1)")

MAYFLY_BIN names the binary; the release build otherwise. The log is kept and goes into every failure's text.
MAYFLY_TEST_SLOW is the factor by which everything may take longer on an emulated processor: waits of tests, calls to
the engine, the wait for a box, and a run's timeout.
"""

import array
import contextlib
import fcntl
import json
import os
import random
import select
import signal
import socket
import subprocess
import tempfile
import termios
import threading
import time
from collections import deque
from pathlib import Path

from metrics import Metrics

ROOT = Path(__file__).resolve().parent.parent
BINARY = os.environ.get("MAYFLY_BIN") or str(ROOT / "build/release/mayfly")
EXECUTE = "/api/v1/execute"
SLOW = int(os.environ.get("MAYFLY_TEST_SLOW", "1"))
STOP_SECONDS = 20 * SLOW
ANSWER_SECONDS = 120 * SLOW
LOG_PIPE_BYTES = 1 << 20  # a line is dropped when the pipe is full, and on a busy machine the reader may be late
SLOW_SETTINGS = {f"MAYFLY_{name}_MS": value * SLOW for name, value in (
    ("ENGINE_TIMEOUT", 10000), ("QUEUE_TIMEOUT", 30000), ("TIMEOUT", 5000), ("MAX_TIMEOUT", 30000))} if SLOW > 1 else {}
SLOW_ENV = {name: str(value) for name, value in SLOW_SETTINGS.items()}
# Settings that every gateway on the present engine needs: NAME=value, separated by spaces.
OF_THE_ENGINE = dict(word.split("=", 1) for word in os.environ.get("MAYFLY_TEST_SETTINGS", "").split())


class Response:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"Response({self.status}, {self.body[:300]!r})"


class Client:
    """One keep-alive connection. `send` and `receive` are separate, so that one thread can have a thousand open
    requests."""

    def __init__(self, address, timeout=ANSWER_SECONDS, source=None, room=None):
        """room: bytes that the kernel buffers while the client does not read."""
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if room:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        if source:
            self.socket.bind(source)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, method, path, body=b"", headers=()):
        """Send a request. Host is localhost unless the headers have another one."""
        host = [] if any(name == "host" for name, _ in headers) else ["host: localhost"]
        head = [f"{method} {path} HTTP/1.1", *host, *(f"{k}: {v}" for k, v in headers)]
        if body or method == "POST":
            head.append(f"content-length: {len(body)}")
        self.socket.sendall("\r\n".join([*head, "\r\n"]).encode() + body)

    def receive(self):
        """Returns the next answer. Raises ConnectionError when the connection ends first."""
        status, headers = self.receive_head()
        return Response(status, headers, self._body(headers))

    def receive_head(self):
        """Returns status and headers of the next answer. The body is not received yet."""
        while b"\r\n\r\n" not in self._rest:
            self._more()
        lines = self._take(self._rest.index(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        self._take(4)
        headers = {}
        for name, _, value in (line.partition(":") for line in lines[1:]):
            before = headers.get(name.lower())
            headers[name.lower()] = f"{before}, {value.strip()}" if before else value.strip()
        return int(lines[0].split(" ")[1]), headers

    def receive_chunk(self):
        """Returns the next chunk of a chunked body; empty at its end."""
        data = self._take(int(self._line(), 16))
        assert self._take(2) == b"\r\n"
        return data

    def _body(self, headers):
        if headers.get("transfer-encoding") == "chunked":
            return b"".join(iter(self.receive_chunk, b""))
        return self._take(int(headers.get("content-length", 0)))

    def _line(self):
        while b"\r\n" not in self._rest:
            self._more()
        line = self._take(self._rest.index(b"\r\n"))
        self._take(2)
        return line

    def _take(self, size):
        while len(self._rest) < size:
            self._more()
        taken = bytes(memoryview(self._rest)[:size])
        del self._rest[:size]
        return taken

    def take_rest(self):
        """Returns the bytes of the next answer that were read already."""
        return self._take(len(self._rest))

    def _more(self):
        data = self.socket.recv(1 << 18)
        if not data:
            raise ConnectionError("the gateway closed the connection")
        self._rest += data

    def request(self, method, path, body=b"", headers=()):
        self.send(method, path, body, headers)
        return self.receive()

    def post(self, body, path=EXECUTE, headers=()):
        """Send a POST without waiting. `body` is bytes, or any JSON value; a timeout in a JSON value is multiplied by
        SLOW."""
        if SLOW > 1 and isinstance(body, dict) and "timeout" in body:
            body = body | {"timeout": body["timeout"] * SLOW}
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send("POST", path, body, [("content-type", "application/json"), *headers])
        return self

    def hang_up(self):
        self.close()


_claims = deque(maxlen=64)


def free_port():
    """Returns a free port from a range that the kernel does not use for outgoing connections. So no client gets it before
    we listen.

    No test is given the same port soon, in this process or another: each process claims its last ports by sockets that are
    named after them.
    """
    lowest, highest = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text("ascii").split())
    for port in random.SystemRandom().sample([*range(10000, lowest), *range(highest + 1, 1 << 16)], 100):
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe, contextlib.suppress(OSError):
            claim.bind(f"\0mayfly-test-port-{port}")
            probe.bind(("127.0.0.1", port))
            _claims.append(claim)
            return port
        claim.close()
    raise AssertionError("no port is free")


class Process:
    """A role of the binary, with its log lines."""

    def __init__(self, role, settings, binary=None):
        base = {name: os.environ[name] for name in os.environ
                if name in ("PATH", "HOME", "LANG") or name.endswith("SAN_OPTIONS")}
        self.popen = subprocess.Popen(
            [binary or BINARY, role], env=base | {k: str(v) for k, v in settings.items()},
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, pipesize=LOG_PIPE_BYTES)
        self.role, self.lines, self._rest = role, [], b""
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self):
        return self.popen.pid

    def _read(self):
        """Read a part from the pipe and add it to the lines, both under one lock, so that each part is always in one of
        the two."""
        log, part = self.popen.stderr, b"\n"
        while part:
            select.select([log], [], [])
            with self._news:
                part = os.read(log.fileno(), 1 << 16)
                *lines, self._rest = (self._rest + part).split(b"\n")
                if not part and self._rest:
                    lines.append(self._rest)
                self.lines += [line.decode("utf-8", "replace") for line in lines]
                if not part:
                    log.close()
                self._news.notify_all()

    def _catch_up(self, timeout=30 * SLOW):
        """Wait until all that has been written to the log so far is among the lines."""
        def is_read():
            log, waiting = self.popen.stderr, array.array("i", [0])
            if log.closed:
                return True
            fcntl.ioctl(log, termios.FIONREAD, waiting)
            return not waiting[0] and not self._rest

        with self._news:
            assert self._news.wait_for(is_read, timeout), f"the log is not read within {timeout} s"

    def log(self):
        """Returns the lines of the log, without those about requests for health pages."""
        return "\n".join(line for line in self.lines if '"method":"GET"' not in line)

    def events(self, name=None):
        """Returns the events of the log so far as dictionaries. A line that is not a JSON object fails the test."""
        self._catch_up()
        events = [json.loads(line) for line in list(self.lines)]
        return [event for event in events if name in (None, event["event"])]

    def wait_line(self, text, timeout=30 * SLOW):
        """Wait until a log line holds `text`."""
        with self._news:
            found = self._news.wait_for(lambda: any(text in line for line in self.lines), timeout)
        assert found, f"no log line with {text!r} within {timeout} s\n{self.log()}"

    def wait(self, timeout=STOP_SECONDS):
        """Wait until the process has ended and its log is read. Returns the exit code."""
        try:
            code = self.popen.wait(timeout)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            raise AssertionError(f"{self.role} did not end within {timeout} s\n{self.log()}") from None
        self._reader.join(timeout)
        return code

    def stop(self, number=signal.SIGTERM, timeout=STOP_SECONDS):
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        return self.wait(timeout)

    def children(self):
        """Returns the pids of its child processes."""
        path = f"/proc/{self.pid}/task/{self.pid}/children"
        return [int(pid) for pid in Path(path).read_text(encoding="ascii").split()]


class Gateway:
    """`mayfly serve`, or front and broker apart (`apart=True`), on a free port."""

    def __init__(self, docker_host, apart=False, wait_ready=True, binary=None, **settings):
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = tempfile.TemporaryDirectory(prefix="mayfly-test-")
        os.chmod(self.folder.name, 0o755)
        self.settings = {"DOCKER_HOST": docker_host, "MAYFLY_LISTEN": f"127.0.0.1:{self.port}",
                         "MAYFLY_LOG": "json", "TMPDIR": self.folder.name,
                         "MAYFLY_WIRE_SOCKET": f"{self.folder.name}/wire.sock", **SLOW_SETTINGS, **OF_THE_ENGINE, **settings}
        roles = ("broker", "front") if apart else ("serve",)
        self.processes = [Process(role, self.settings, binary) for role in roles]
        self.process = self.processes[-1]
        self._wait_ready = wait_ready

    def __enter__(self):
        try:
            self.wait_health(200 if self._wait_ready else None)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.popen.poll() is None:
                process.stop()
        self.folder.cleanup()

    def log(self):
        return "\n".join(f"--- {process.role}\n{process.log()}" for process in self.processes)

    def events(self, name=None):
        return [event for process in self.processes for event in process.events(name)]

    def client(self, timeout=ANSWER_SECONDS):
        return Client(self.address, timeout)

    def request(self, method, path, body=b"", headers=()):
        """One request on a connection of its own."""
        with self.client() as client:
            return client.request(method, path, body, headers)

    def post(self, body, path=EXECUTE, headers=()):
        """Send a POST on a connection of its own; the caller receives and closes."""
        return self.client().post(body, path, headers)

    def execute(self, code, **fields):
        """(HTTP status, answer). A dictionary as code is a directive for the fake engine's init."""
        code = json.dumps(code) if isinstance(code, dict) else code
        with self.post({"code": code, **fields}) as client:
            response = client.receive()
        return response.status, response.json()

    def wait_health(self, status=200, path="/readyz", timeout=90 * SLOW, text=""):
        """Wait until the health page answers with this status (None: any) and contains the text. There is no event for
        this."""
        deadline = time.monotonic() + timeout
        seen = None
        while time.monotonic() < deadline:
            try:
                seen = self.request("GET", path)
                if status in (None, seen.status) and text in seen.body.decode():
                    return seen
            except OSError as error:
                seen = error
            ended = [p.role for p in self.processes if p.popen.poll() is not None]
            assert not ended, f"{ended} ended early\n{self.log()}"
            time.sleep(0.01)
        raise AssertionError(f"{path} did not answer {status} within {timeout} s: {seen}\n{self.log()}")

    def metrics(self, headers=()):
        """Returns the present metrics."""
        return Metrics(self.request("GET", "/metrics", headers=headers).body.decode())

    def wait_metrics(self, condition, timeout=30 * SLOW, headers=()):
        """Wait until the metrics fulfil the condition. The broker sends its own once a second, and there is no event
        for this."""
        deadline = time.monotonic() + timeout
        while not condition(found := self.metrics(headers)):
            assert time.monotonic() < deadline, f"after {timeout} s: {found}\n{self.log()}"
            time.sleep(0.05)
        return found

    def stop(self, number=signal.SIGTERM, timeout=STOP_SECONDS):
        """Stop each process, the front first. Returns their exit codes, that of the front (or of serve) last."""
        return [process.stop(number, timeout) for process in reversed(self.processes)][::-1]

    def pids(self):
        """Returns the pids of front and broker, by role."""
        if len(self.processes) > 1:
            return {process.role: process.pid for process in self.processes}
        front = [pid for pid in self.process.children() if _listens(pid, self.port)]
        others = [pid for pid in self.process.children() if pid not in front]
        assert len(front) == len(others) == 1, f"children: {front} and {others}\n{self.log()}"
        return {"front": front[0], "broker": others[0]}


def _listens(pid, port):
    """Returns whether this process has the listening socket of this port."""
    wanted = f"0100007F:{port:04X} 00000000:0000 0A"
    rows = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()
    inodes = {f"socket:[{row.split()[9]}]" for row in rows if wanted in row}
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            held.add(os.readlink(descriptor))
        except OSError:
            continue
    return bool(inodes & held)
