"""One connection to the fake engine: HTTP/1.1 requests, then perhaps a hijacked stream."""

import asyncio
import json

REASONS = {101: "UPGRADED", 200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified",
           400: "Bad Request", 404: "Not Found", 409: "Conflict", 500: "Internal Server Error"}
CHUNKED_FROM_BYTES = 2048  # Go's net/http buffers this much before it gives up on a Content-Length


class Request:
    def __init__(self, method, target, headers, body):
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.query = {}

    def json(self):
        """The body as JSON, None when it is empty or broken."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Connection(asyncio.Protocol):
    """Reads when the caller asks for it, and writes at once. `serve` is started as a task when the peer has
    connected."""

    def __init__(self, serve):
        self._serve = serve
        self._transport = None
        self._input = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self.inbox = bytearray()
        self.eof = asyncio.Event()   # the peer will send no more
        self.lost = asyncio.Event()  # both directions are gone
        self.on_input = None         # once hijacked: called at each change of inbox or eof

    # ---- asyncio's side ----

    def connection_made(self, transport):
        self._transport = transport
        self._task = asyncio.get_running_loop().create_task(self._serve(self))

    def data_received(self, data):
        self.inbox += data
        self._notice()

    def eof_received(self):
        self.eof.set()
        self._notice()
        return True

    def connection_lost(self, _error):
        self.eof.set()
        self.lost.set()
        self._room.set()
        self._notice()

    def pause_writing(self):
        self._room.clear()

    def resume_writing(self):
        self._room.set()

    def _notice(self):
        self._input.set()
        if self.on_input:
            self.on_input()

    # ---- reading ----

    async def read_request(self):
        """Returns the next request; None when the peer has gone."""
        while (end := self.inbox.find(b"\r\n\r\n")) < 0:
            if not await self._more():
                return None
        lines = bytes(self.inbox[:end]).decode("latin-1").split("\r\n")
        del self.inbox[:end + 4]
        method, target, _ = lines[0].split(" ")
        headers = {name.strip().lower(): value.strip()
                   for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        while len(self.inbox) < length:
            if not await self._more():
                return None
        body = bytes(self.inbox[:length])
        del self.inbox[:length]
        return Request(method, target, headers, body)

    async def _more(self):
        """Wait for input. Returns False when no further input can come."""
        self._input.clear()
        if not self.eof.is_set():
            await self._input.wait()
        return bool(self.inbox) and not self.eof.is_set()

    async def room(self):
        """Wait until the peer has read enough, or has gone."""
        await self._room.wait()

    @property
    def unread(self):
        """The number of unread bytes is above the limit."""
        return not self._room.is_set()

    # ---- writing ----

    def write(self, data):
        if not self.lost.is_set() and not self._transport.is_closing():
            self._transport.write(data)

    def answer(self, code, value, raw=None):
        body = raw if raw is not None else b""
        if value is not None:
            body = json.dumps(value).encode() + b"\n"
        head = [f"HTTP/1.1 {code} {REASONS.get(code, 'Unknown')}",
                "Server: Docker/20.10.24+dfsg1 (linux)"]
        if body:
            head.append("Content-Type: application/json")
        if len(body) > CHUNKED_FROM_BYTES:
            head.append("Transfer-Encoding: chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        elif code not in (204, 304):
            head.append(f"Content-Length: {len(body)}")
        self.write("\r\n".join([*head, "\r\n"]).encode() + body)

    def cut_answer(self, code):
        """An answer that ends before its body does."""
        if code == 101:
            self.hijack("application/vnd.docker.raw-stream", True)
        else:
            self.write(b"HTTP/1.1 %d Cut\r\nContent-Type: application/json\r\n"
                       b"Content-Length: 500\r\n\r\n{\"Id\":\"" % code)

    def hijack(self, content_type, upgrade):
        """Send the 101 of an attach. Bytes that the peer has sent before are lost, because dockerd drops its read
        buffer."""
        self.inbox.clear()
        line = "101 UPGRADED" if upgrade else "200 OK"
        extra = "Connection: Upgrade\r\nUpgrade: tcp\r\n" if upgrade else ""
        self.write(f"HTTP/1.1 {line}\r\nContent-Type: {content_type}\r\n{extra}\r\n".encode())

    def limit_unread(self, size):
        self._transport.set_write_buffer_limits(high=size)

    def close(self):
        """End the connection once all written bytes have been sent."""
        if self._transport:
            self._transport.close()

    def abort(self):
        if self._transport:
            self._transport.abort()
