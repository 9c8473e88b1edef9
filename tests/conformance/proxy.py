"""A proxy that checks everything by the description: it replaces an answer that the description does not name by a
500."""

import re
import socket
import subprocess
import threading
import time
from pathlib import Path

from gateway import free_port

PRISM = Path(__file__).resolve().parent / "node_modules/.bin/prism"
START_SECONDS = 240


class Proxy:
    """Use it with `with`. It does not check requests, because tests send wrong ones on purpose."""

    def __init__(self, document, url, log):
        self.address = ("127.0.0.1", free_port())
        self._log = open(log, "w", encoding="utf-8")  # closed by __exit__
        command = [PRISM, "proxy", document, url, "--port", str(self.address[1]), "--errors",
                   "--validate-request=false", "--cors=false", "--verboseLevel=warn"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)

    def __enter__(self):
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError(f"the proxy did not start: {Path(self._log.name).read_text('utf-8')}")
            time.sleep(0.05)
        return self

    def _answers(self):
        try:
            socket.create_connection(self.address).close()
            return True
        except ConnectionError:
            return False

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._log.close()


class Switch:
    """What the proxy takes for the gateway: passes each request on to the one that it names, or else to the last.

    So that the proxy sends no second request, for another one, on the same connection, each asks for its close.
    """

    HEADER = "x-gateway-port"

    def __init__(self):
        self.port = None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = "http://127.0.0.1:%d" % self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (data := client.recv(1 << 16)):
                    return
                head += data
            named = re.search(rb"(?i)\r\n%s: ([0-9]+)\r\n" % self.HEADER.encode(), head)
            try:
                gateway = socket.create_connection(("127.0.0.1", int(named[1]) if named else self.port))
            except OSError:
                return
            with gateway:
                start, _, rest = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head, 1).partition(b"\r\n")
                gateway.sendall(start + b"\r\nconnection: close\r\n" + rest)
                threading.Thread(target=pass_on, args=(client, gateway), daemon=True).start()
                pass_on(gateway, client)


def pass_on(source, target):
    """Pass on all bytes, and the end of the stream."""
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
