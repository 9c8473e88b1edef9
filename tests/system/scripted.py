"""A gateway that answers by a script, for answers that a real one never sends. Each connection gets the next answer.

    with Scripted(stream(event("result", ANSWER))) as gateway:
        ... gateway.url, gateway.requests

An answer is bytes, or a function of the connected socket for what bytes cannot say.
"""

import base64
import json
import socket
import threading

ANSWER = {
    "id": "40e9a9aaaadc92de", "status": "success", "stdout": "", "stderr": "", "execution_time": 0.004,
    "return_code": 0, "signal": None, "reason": None, "message": None, "stdout_bytes": 0, "stderr_bytes": 0,
    "stdout_truncated": False, "stderr_truncated": False, "cpu_time": 0.003, "peak_memory": 12886016,
    "queue_time": 0.000002, "start": "warm", "files": [], "displays": []}
WAIT_SECONDS = 20


def answer(**members):
    return ANSWER | members


def encoded(data):
    """Returns bytes as they appear in a stdout or stderr event."""
    return base64.b64encode(data).decode()


def event(name, data):
    """Returns an event with this data as JSON; bytes are used unchanged."""
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return b"id: 1\nevent: %s\ndata: %s\n\n" % (name.encode(), data)


def output(stream, data):
    return event(stream, encoded(data))


def started():
    return event("started", {"start": "warm", "queue_time": 0.1})


def head(status=200, content_type="text/event-stream", *lines):
    return "\r\n".join([f"HTTP/1.1 {status} Said", f"content-type: {content_type}", "connection: close",
                        *lines, "\r\n"]).encode()


def stream(*events):
    """Returns a whole answer: the events queued, started and these."""
    return head() + event("queued", {"id": "1"}) + started() + b"".join(events)


def problem(status, code, detail, *lines, **members):
    body = {"type": "about:blank", "title": "Said", "status": status, "detail": detail, "code": code, **members}
    return head(status, "application/problem+json", *lines) + json.dumps(body).encode()


class Scripted:
    def __init__(self, *answers):
        self.requests = []  # (head, body) of each
        self.hung_up = threading.Event()  # a client has closed a connection on which an answer still came
        self._answers = list(answers)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(WAIT_SECONDS)
        assert not self._thread.is_alive(), "the script goes on"

    def _serve(self):
        for said in self._answers:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(WAIT_SECONDS)
                try:
                    self._answer(connection, said)
                except OSError:
                    self.hung_up.set()

    def _answer(self, connection, said):
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._receive(connection)
        text, _, body = data.partition(b"\r\n\r\n")
        lines = text.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        while len(body) < int(headers.get("content-length", 0)):
            body += self._receive(connection)
        self.requests.append((headers | {"line": lines[0], "raw": text.decode()}, json.loads(body or "null")))
        if callable(said):
            return said(connection)
        connection.sendall(said)

    @staticmethod
    def _receive(connection):
        data = connection.recv(1 << 16)
        if not data:
            raise ConnectionError("the client hung up")
        return data


def until_hung_up(connection):
    """Send nothing more until the client hangs up."""
    while connection.recv(1 << 16):
        pass
    raise ConnectionError("the client hung up")
