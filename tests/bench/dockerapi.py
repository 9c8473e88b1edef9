"""The calls of the Engine API that a bare loop needs, directly over the socket, at little cost."""

import json
import socket
import struct
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import wire  # noqa: E402

API = "/v1.41"


class Api:
    """One keep-alive connection to the engine."""

    def __init__(self, path):
        self._path = path
        self._connect()

    def _connect(self):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(self._path)
        self._rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def call(self, method, target, value=None):
        """Make a call. Returns the answer's JSON (None without a body). Raises an exception on a status of 400 or
        more."""
        body = json.dumps(value).encode() if value is not None else b""
        head = (f"{method} {API}{target} HTTP/1.1\r\nHost: engine\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n")
        self._socket.sendall(head.encode() + body)
        status, headers = self._head()
        answer = self._body(status, headers)
        if status >= 400:
            raise OSError(f"{method} {target}: {status} {answer!r}")
        return json.loads(answer) if answer else None

    def _fill(self):
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the engine closed the connection")
        self._rest += data

    def _until(self, mark):
        while mark not in self._rest:
            self._fill()
        found, _, self._rest = self._rest.partition(mark)
        return found

    def _head(self):
        lines = self._until(b"\r\n\r\n").decode("latin-1").lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        return int(lines[0].split(" ")[1]), headers

    def _body(self, status, headers):
        if headers.get("transfer-encoding") == "chunked":
            body = b""
            while (size := int(self._until(b"\r\n"), 16)) > 0:
                body += self._take(size)
                self._take(2)
            self._take(2)
            return body
        return b"" if status in (204, 304) else self._take(int(headers.get("content-length", 0)))

    def _take(self, size):
        while len(self._rest) < size:
            self._fill()
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken


class Attached:
    """The three streams of a container that has not been started yet."""

    def __init__(self, path, container):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(60)
        self._socket.connect(path)
        self._socket.sendall(
            f"POST {API}/containers/{container}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
            "Host: engine\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._socket.recv(4096)
        assert b" 101 " in head, head
        self._rest = head.partition(b"\r\n\r\n")[2]

    def send(self, data):
        self._socket.sendall(data)

    def read(self):
        """Returns the next piece of stdout."""
        while True:
            head = self._take(8)
            stream, size = struct.unpack(">BxxxI", head)
            data = self._take(size)
            if stream == 1:
                return data

    def _take(self, size):
        while len(self._rest) < size:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the container ended")
            self._rest += data
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def close(self):
        self._socket.close()


class Box:
    """One bare run of a program in a box of its own, as fast as the engine allows."""

    def __init__(self, path, spec, name):
        self._api = Api(path)
        self._path, self._spec, self._name = path, spec, name

    def run(self, number, source):
        """Create, attach, start, send the job, read its END, remove."""
        name = f"{self._name}-{number}"
        container = self._api.call("POST", f"/containers/create?name={name}", self._spec)["Id"]
        try:
            stream = Attached(self._path, container)
            self._api.call("POST", f"/containers/{container}/start")
            self._wait(stream, wire.READY)
            stream.send(wire.Job(source=source).frame(number))
            self._wait(stream, wire.END)
            stream.close()
        finally:
            self._api.call("DELETE", f"/containers/{container}?force=1&v=1")

    @staticmethod
    def _wait(stream, wanted):
        parser = wire.Parser()
        while not any(frame.type == wanted for frame in parser.feed(stream.read())):
            pass
