"""A proxy in front of a real engine. It changes the create JSON of containers, and passes on everything else. On
request, it replaces some bytes that are sent into them."""

import contextlib
import json
import os
import socket
import threading


def _read_head(connection, rest=b""):
    while b"\r\n\r\n" not in rest:
        data = connection.recv(65536)
        if not data:
            return None, b""
        rest += data
    head, _, rest = rest.partition(b"\r\n\r\n")
    return head.decode("latin-1"), rest


def _header(head, name):
    for line in head.split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return None


def _pump(source, sink, replace=None):
    """`replace` is a pair of texts of equal length. The end of each part is kept back, because the first text may
    arrive in pieces."""
    kept = b""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if replace:
                data = (kept + data).replace(*replace)
                tail = next((n for n in range(len(replace[0]) - 1, 0, -1) if data.endswith(replace[0][:n])), 0)
                data, kept = data[:len(data) - tail], data[len(data) - tail:]
            sink.sendall(data)
        sink.sendall(kept)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Weakener:
    """Listens on `path`. `weaken` is called with each create JSON and changes it in place. `replace`: see _pump."""

    def __init__(self, path, engine_socket, weaken, replace=None):
        self.path, self._engine, self._weaken, self._replace = str(path), engine_socket, weaken, replace
        self.created = []  # names
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.unlink(self.path)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        """Serve requests until the client closes. Everything that the engine sends is passed back unchanged, hijacked
        streams too."""
        with client, socket.socket(socket.AF_UNIX) as engine:
            engine.connect(self._engine)
            back = threading.Thread(target=_pump, args=(engine, client), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                self._forward(client, engine)
                engine.shutdown(socket.SHUT_WR)
            back.join()

    def _forward(self, client, engine):
        rest = b""
        while True:
            head, rest = _read_head(client, rest)
            if head is None:
                return
            if _header(head, "upgrade"):
                engine.sendall(head.encode("latin-1") + b"\r\n\r\n" + rest)
                return _pump(client, engine, self._replace)
            length = int(_header(head, "content-length") or 0)
            while len(rest) < length:
                rest += client.recv(65536)
            body, rest = rest[:length], rest[length:]
            target = head.split(" ", 2)[1]
            if "/containers/create" in target:
                self.created.append(target.partition("name=")[2])
                head, body = self._rewrite(head, body)
            engine.sendall(head.encode("latin-1") + b"\r\n\r\n" + body)

    def _rewrite(self, head, body):
        document = json.loads(body)
        self._weaken(document)
        body = json.dumps(document).encode()
        lines = [line for line in head.split("\r\n") if not line.lower().startswith("content-length:")]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}"]), body
