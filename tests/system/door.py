"""Requests as bytes, and checks of the front's reaction to them."""

import socket

from gateway import EXECUTE

CODE = b'{"code":"x"}'
SMUGGLED = b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n"


def head(*lines, method="POST", target=EXECUTE, version="HTTP/1.1", host="host: localhost"):
    """Returns the head of a JSON request, with these lines and the empty line. host=None: without a Host header."""
    lines = [line if isinstance(line, bytes) else line.encode("latin-1") for line in lines]
    first = f"{method} {target} {version}".encode("latin-1")
    given = [host.encode()] if host else []
    return b"\r\n".join([first, *given, b"content-type: application/json", *lines, b"", b""])


def post(body=CODE, *lines, **parts):
    """A good POST, with more lines in its head."""
    return head(f"content-length: {len(body)}", *lines, **parts) + body


def chunked(*chunks):
    """A POST whose chunked body is made of these bytes, framing included."""
    return head("transfer-encoding: chunked") + b"".join(chunks)


def get(target, *lines, method="GET", **parts):
    return head(*lines, method=method, target=target, **parts)


def until_closed(client):
    """Returns all bytes until the gateway closes the connection. A connection that is left open fails the test by a
    timeout."""
    seen = client.take_rest()
    try:
        while data := client.socket.recv(1 << 16):
            seen += data
    except ConnectionError:
        pass
    return seen


def answers(gateway, data, half_close=False):
    """Send these bytes on a connection that the gateway must close. Returns every answer, as raw text."""
    with gateway.client(timeout=8) as client:
        try:
            client.socket.sendall(data)
            if half_close:
                client.socket.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass
        seen = until_closed(client)
    return [b"HTTP/1.1 " + text for text in seen.split(b"HTTP/1.1 ")[1:]]


def refused(gateway, data, status=400, half_close=False):
    """Check that the request is refused with one problem of this status, and the connection closed: nothing after it is
    served."""
    texts = answers(gateway, data + SMUGGLED, half_close)
    assert len(texts) == 1, texts
    first, _, _body = texts[0].partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 %d " % status), texts
    for header in (b"content-type: application/problem+json", b"cache-control: no-store",
                   b"x-content-type-options: nosniff", b"x-request-id: "):
        assert header in first.lower(), texts
    assert b"connection: close" in first.lower(), texts
    return texts[0]


def closed_after(gateway, data, status=200):
    """Check that the request is answered, and the connection closed: nothing after it is served."""
    texts = answers(gateway, data + SMUGGLED)
    assert len(texts) == 1 and texts[0].startswith(b"HTTP/1.1 %d " % status), texts


def kept(gateway, data, status=200):
    """Check that the request is answered, and that the connection serves another one. Returns the answer."""
    with gateway.client(timeout=8) as client:
        client.socket.sendall(data)
        response = client.receive()
        assert response.status == status, response
        assert client.request("GET", "/livez").status == 200
    if status >= 400:
        assert response.headers["content-type"] == "application/problem+json", response.headers
        assert response.json()["status"] == status
    return response
