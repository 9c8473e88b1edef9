"""The door against every way to write HTTP wrong: one row each, with its right answer.

Ambiguous framing is refused and the connection closed, so that no second request can hide in the first. What is
well-formed is answered and keeps its connection, whatever the answer says.
"""

import json

import pytest

from door import (CODE, SMUGGLED, answers, chunked, closed_after, get, head, kept, post, refused,
                  until_closed)
from gateway import EXECUTE

MIB = 1 << 20
ONE_CHUNK = b"c\r\n" + CODE + b"\r\n"
LAST_CHUNK = b"0\r\n\r\n"


@pytest.fixture(autouse=True)
def serves_still(shared):
    """Whatever a test has sent, the next client is served, and no program is left running."""
    yield
    assert shared.execute({"stdout": "fine"})[1]["stdout"] == "fine"
    shared.engine.wait(lambda: all(run.end for run in shared.engine.runs), "no program runs")


# ---- framing that two readers could take for two different requests ----

AMBIGUOUS = {
    "length then chunked": head("content-length: 12", "transfer-encoding: chunked") + ONE_CHUNK + LAST_CHUNK,
    "chunked then length": head("transfer-encoding: chunked", "content-length: 12") + ONE_CHUNK + LAST_CHUNK,
    "chunked, length 0": head("transfer-encoding: chunked", "content-length: 0") + LAST_CHUNK,
    "two lengths": head("content-length: 12", "content-length: 52") + CODE,
    "two lengths, the same": head("content-length: 12", "content-length: 12") + CODE,
    "a list of lengths": head("content-length: 12, 12") + CODE,
    "length with a plus": head("content-length: +12") + CODE,
    "length with a minus": head("content-length: -1") + CODE,
    "hexadecimal length": head("content-length: 0xc") + CODE,
    "empty length": head("content-length:") + CODE,
    "length in words": head("content-length: twelve") + CODE,
    "length with a space": head("content-length: 1 2") + CODE,
    "length with a fraction": head("content-length: 12.0") + CODE,
    "length 2^63 - 1": head("content-length: 9223372036854775807") + CODE,
    "length 2^64": head("content-length: 18446744073709551616") + CODE,
    "length 2^64 + 12": head("content-length: 18446744073709551628") + CODE,
    "length 2^128": head("content-length: " + str(1 << 128)) + CODE,
    "xchunked": head("transfer-encoding: xchunked") + ONE_CHUNK + LAST_CHUNK,
    "gzip and chunked": head("transfer-encoding: gzip, chunked") + ONE_CHUNK + LAST_CHUNK,
    "chunked twice": head("transfer-encoding: chunked, chunked") + ONE_CHUNK + LAST_CHUNK,
    "chunked with a parameter": head("transfer-encoding: chunked;q=1") + ONE_CHUNK + LAST_CHUNK,
    "identity": head("transfer-encoding: identity", "content-length: 12") + CODE,
    "identity, then chunked": head("transfer-encoding: identity", "transfer-encoding: chunked")
                              + ONE_CHUNK + LAST_CHUNK,
    "chunked, then identity": head("transfer-encoding: chunked", "transfer-encoding: identity")
                              + ONE_CHUNK + LAST_CHUNK,
    "chunked behind a vertical tab": head("transfer-encoding: \x0bchunked") + ONE_CHUNK + LAST_CHUNK,
    "space before the colon": head("transfer-encoding : chunked") + ONE_CHUNK + LAST_CHUNK,
    "tab before the colon": head("content-length\t: 12") + CODE,
    "folded length": head("content-length: 1", " 2") + CODE,
    "folded line": head("x-a: b", "\tc", "content-length: 12") + CODE,
    "folded first line": b"POST " + EXECUTE.encode() + b" HTTP/1.1\r\n host: localhost\r\n\r\n",
    "header without a colon": head("nonsense", "content-length: 12") + CODE,
    "header without a name": head(": x", "content-length: 12") + CODE,
    "header name with a space": head("x y: z", "content-length: 12") + CODE,
    "NUL in a value": head("x-a: b\0c", "content-length: 12") + CODE,
    "CR in a value": head("x-a: b\rcontent-length: 40", "content-length: 12") + CODE,
    "DEL in a value": head("x-a: b\x7fc", "content-length: 12") + CODE,
    "NUL in the path": post(target="/api\0/v1/execute"),
    "CR in the path": post(target="/api\r/v1"),
    "tab in the request line": b"GET\t/livez\tHTTP/1.1\r\nhost: localhost\r\n\r\n",
    "two spaces in the request line": b"GET  /livez HTTP/1.1\r\nhost: localhost\r\n\r\n",
    "bare LF behind the request line": b"GET /livez HTTP/1.1\nhost: localhost\r\n\r\n",
    "bare LF behind a header": b"GET /livez HTTP/1.1\r\nhost: t\nx: y\r\n\r\n",
    "bare LF at the end": b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\n",
    "bare LF everywhere": b"GET /livez HTTP/1.1\nhost: t\n\n",
    "no host": get("/livez", host=None),
    "two hosts": get("/livez", "host: localhost"),
    "a host with a path": get("/livez", host="host: t/x"),
    "two words for a host": get("/livez", host="host: t u"),
    "HTTP/2.0": get("/livez", version="HTTP/2.0"),
    "HTTP/0.9": b"GET /livez\r\n\r\n",
    "HTTP/1.10": get("/livez", version="HTTP/1.10"),
    "no version number": get("/livez", version="HTTP/"),
    "chunked in HTTP/1.0": head("transfer-encoding: chunked", version="HTTP/1.0") + ONE_CHUNK + LAST_CHUNK,
    "space behind the length": head("content-length: 12 ") + CODE,
    "tab behind chunked": head("transfer-encoding: chunked\t") + ONE_CHUNK + LAST_CHUNK,
    "two media types": head("content-type: text/plain", "content-length: 12") + CODE,
    "two encodings": post(CODE, "content-encoding: identity", "content-encoding: gzip"),
    "length beyond any limit": head("content-length: 99999999999999999999999") + CODE,
    "101 headers": get("/livez", *[f"x-{n}: y" for n in range(99)]),
    "head of 65 KiB": get("/livez", "x: " + "y" * (65 << 10)),
    "head of 430 KiB": get("/livez", *["x: " + "y" * 5000] * 88),
    "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(range(100, 190)) + b"\r\n\r\n",
    "nothing like HTTP": b"\xff\xfe\xfd\0\r\n\r\n",
}


@pytest.mark.parametrize("data", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_ambiguous_or_malformed_framing_is_refused_and_closed(shared, data):
    before = len(shared.engine.runs)
    refused(shared, data)
    assert len(shared.engine.runs) == before


# ---- chunked bodies: their sizes are read too kindly by the library, so the connection always ends ----

ANSWERED_AND_CLOSED = {
    "one chunk": chunked(ONE_CHUNK, LAST_CHUNK),
    "a byte a chunk": chunked(*[b"1\r\n%c\r\n" % byte for byte in CODE], LAST_CHUNK),
    "size with letters behind": chunked(b"cxyz\r\n", CODE, b"\r\n", LAST_CHUNK),
    "size with zeros before": chunked(b"000c\r\n", CODE, b"\r\n", LAST_CHUNK),
    "extension": chunked(b"c;a=b\r\n", CODE, b"\r\n", LAST_CHUNK),
    "extension of 64 KiB": chunked(b"c;", b"e" * (64 << 10), b"\r\n", CODE, b"\r\n", LAST_CHUNK),
    "bare LF": chunked(b"c\n", CODE, b"\n0\n\n"),
    "trailers": chunked(ONE_CHUNK, b"0\r\nhost: other\r\ncontent-length: 5\r\n\r\n"),
    "capital letters": head("Transfer-Encoding: Chunked") + ONE_CHUNK + LAST_CHUNK,
    "tab before the value": head("transfer-encoding:\tchunked") + ONE_CHUNK + LAST_CHUNK,
}


@pytest.mark.parametrize("data", ANSWERED_AND_CLOSED.values(), ids=ANSWERED_AND_CLOSED)
def test_a_chunked_request_is_answered_and_closed(shared, data):
    closed_after(shared, data)


BAD_CHUNKS = {
    "17 digits": (b"F" * 17 + b"\r\n", 400),
    "minus": (b"-5\r\n", 400),
    "no size": (b"\r\n", 400),
    "letters": (b"xyz\r\n", 400),
    "data without CRLF": (b"c\r\n" + CODE + b"0\r\n\r\n", 400),
}


@pytest.mark.parametrize("chunks, status", BAD_CHUNKS.values(), ids=BAD_CHUNKS)
def test_a_malformed_chunk_is_refused(shared, chunks, status):
    refused(shared, chunked(chunks), status)


# ---- the size of a body ----

def padded(size):
    return CODE + b" " * (size - len(CODE))


def names_the_limit(answer):
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert problem["limit_bytes"] == 8 * MIB and str(8 * MIB) in problem["detail"], problem


@pytest.mark.parametrize("length", ["8388610", "943718400", "100000000000", "9" * 18])
def test_a_length_over_the_limit_is_413_at_once(shared, length):
    names_the_limit(refused(shared, head(f"content-length: {length}"), 413))


def test_a_body_of_exactly_the_limit_is_taken(shared):
    kept(shared, post(padded(8 * MIB)))


def test_a_chunked_body_of_exactly_the_limit_is_taken(shared):
    body = padded(8 * MIB)
    closed_after(shared, chunked(b"%x\r\n" % len(body), body, b"\r\n", LAST_CHUNK))


def test_a_body_of_one_byte_over_the_limit_is_413(shared):
    names_the_limit(refused(shared, post(padded(8 * MIB + 1)), 413))


def test_a_chunked_body_over_the_limit_is_413(shared):
    body = padded(8 * MIB + 1)
    refused(shared, chunked(b"%x\r\n" % len(body), body, b"\r\n", LAST_CHUNK), 413)


@pytest.mark.parametrize("digits", [15, 16])
def test_a_chunk_that_announces_the_moon_is_cut_at_the_limit(shared, digits):
    with shared.client() as client:
        try:
            client.socket.sendall(chunked(b"F" * digits + b"\r\n", b" " * (9 * MIB)))
        except ConnectionError:
            pass
        assert client.receive().status == 413
        assert until_closed(client) == b""


# ---- well-formed: answered, and the connection kept ----

KEPT = {
    "plain": (post(), 200),
    "HTTP/1.9": (post(version="HTTP/1.9"), 200),
    "100 headers": (post(CODE, *[f"x-{n}: y" for n in range(97)]), 200),
    "head of 63 KiB": (post(CODE, "x: " + "y" * (63 << 10)), 200),
    "bytes past ASCII in a header": (post(CODE, "x: \xe9\xff"), 200),
    "empty header": (post(CODE, "x:"), 200),
    "zeros before the length": (head("content-length: 000012") + CODE, 200),
    "spaces before the length": (head("content-length:  \t12") + CODE, 200),
    "absolute form": (post(target="http://localhost:99" + EXECUTE, host="host: elsewhere.example"), 200),
    "absolute form, capitals": (get("HTTP://LOCALHOST/livez"), 200),
    "absolute form, only a host": (get("http://localhost"), 200),
    "absolute form, another scheme": (get("ftp://t/livez"), 404),
    "query": (get("/livez?a=b&c=%zz"), 200),
    "query of a slash": (get("/livez?/../x"), 200),
    "empty query": (get("/livez?"), 200),
    "fragment": (get("/livez#x"), 404),
    "dots": (get("/x/../livez"), 404),
    "dots in escapes": (get("/a/%2e%2e/livez"), 404),
    "one dot": (get("/./livez"), 404),
    "escaped letter": (get("/%6civez"), 404),
    "escaped NUL": (get("/livez%00"), 404),
    "two slashes": (get("//livez"), 404),
    "slash at the end": (get("/livez/"), 404),
    "capital letter": (get("/Livez"), 404),
    "semicolon": (get("/livez;a=b"), 404),
    "backslash": (get("\\livez"), 404),
    "bytes past ASCII in the path": (get("/liv\xe9z"), 404),
    "no slash": (get("livez"), 404),
    "star": (get("*", method="OPTIONS"), 404),
    "path of 8 KiB": (get("/" + "a" * 8192), 404),
    "lower-case method": (post(method="post"), 405),
    "unknown method": (post(method="BREW"), 405),
    "a body that nobody asked for": (head("content-length: 5", method="GET", target="/livez") + b"hello", 200),
    "not JSON": (post(b"{"), 400),
    "nothing": (head("content-length: 0"), 400),
    "no length": (head(), 400),
    "a bad field": (post(b'{"code":""}'), 422),
    "Upgrade: h2c": (get("/livez", "connection: upgrade, http2-settings", "upgrade: h2c",
                         "http2-settings: AAMAAABkAAQAAP__"), 200),
    "Upgrade: websocket": (get("/livez", "connection: upgrade", "upgrade: websocket"), 200),
    "gzip": (post(CODE, "content-encoding: gzip"), 415),
    "identity and gzip": (post(CODE, "content-encoding: identity, gzip"), 415),
    "unknown encoding": (post(CODE, "content-encoding: br"), 415),
    "no encoding": (post(CODE, "content-encoding: identity"), 200),
}


@pytest.mark.parametrize("data, status", KEPT.values(), ids=KEPT)
def test_a_well_formed_request_keeps_its_connection(shared, data, status):
    kept(shared, data, status)


def media(*values):
    given = "".join(f"content-type: {value}\r\n" for value in values)
    return (f"POST {EXECUTE} HTTP/1.1\r\nhost: localhost\r\n{given}content-length: {len(CODE)}\r\n\r\n"
            .encode("latin-1") + CODE)


MEDIA = {
    (): 415, ("",): 415, ("text/plain",): 415, ("application/jsonp",): 415, ("*/*",): 415,
    ("application/json, text/plain",): 415, ("text/json",): 415, ("application/ld+json",): 415,
    ("application/json; charset=utf-16",): 415, ("application/json; charset=latin-1",): 415,
    ("application/json; charset=utf-8; x=y",): 415, ("application/json charset=utf-8",): 415,
    ("multipart/form-data; boundary=x",): 415, ("application/json;",): 415,
    ("application/json",): 200, ("APPLICATION/JSON",): 200, ("application/json ",): 200,
    ("application/json;charset=UTF-8",): 200, ('application/json; charset="utf-8"',): 200,
    ("application/json ; charset=utf-8",): 200,
}


@pytest.mark.parametrize("values, status", MEDIA.items(), ids=map(repr, MEDIA))
def test_media_types(shared, values, status):
    kept(shared, media(*values), status)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "TRACE", "CONNECT", "PATCH"])
def test_other_methods_are_405_with_allow(shared, method):
    texts = answers(shared, get(EXECUTE, "connection: close", method=method))
    assert len(texts) == 1 and texts[0].startswith(b"HTTP/1.1 405 "), texts
    first, _, body = texts[0].partition(b"\r\n\r\n")
    assert b"\r\nallow: POST" in first
    assert (body == b"") == (method == "HEAD")


def test_a_tunnel_is_not_opened(shared):
    texts = answers(shared, b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\nconnection: close\r\n\r\n")
    assert len(texts) == 1 and texts[0].startswith(b"HTTP/1.1 4"), texts


def test_head_has_the_headers_of_get_and_no_body(shared):
    with shared.client() as client:
        client.socket.sendall(get("/livez", method="HEAD") + get("/livez", "connection: close"))
        seen = until_closed(client)
    first, second = seen.split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert first.endswith(b"\r\n\r\n") and b"content-length: 18" in first.lower()
    assert second.endswith(b"}")


# ---- HTTP/1.0 ----

def test_http_1_0_is_answered_and_closed(shared):
    closed_after(shared, post(version="HTTP/1.0"))
    closed_after(shared, post(version="HTTP/1.0", host=None))


def test_http_1_0_may_ask_to_keep_the_connection(shared):
    kept(shared, post(CODE, "connection: keep-alive", version="HTTP/1.0"))


def test_a_client_may_ask_to_close(shared):
    closed_after(shared, post(CODE, "connection: close"))


# ---- HTTP/2 is not reachable ----

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = b"\0\0\0\4\0\0\0\0\0"


@pytest.mark.parametrize("data", [
    PREFACE, PREFACE + SETTINGS, PREFACE + SETTINGS + b"\0\0\4\3\0\0\0\0\1\0\0\0\x08" * 1000,
], ids=["preface", "settings", "resets"])
def test_http2_by_prior_knowledge_is_refused(shared, data):
    texts = answers(shared, data)
    assert len(texts) == 1 and texts[0].startswith(b"HTTP/1.1 400 "), texts


def test_an_upgrade_to_h2c_is_ignored(shared):
    with shared.client() as client:
        client.socket.sendall(KEPT["Upgrade: h2c"][0])
        assert client.receive().status == 200
        client.socket.sendall(PREFACE + SETTINGS)
        assert client.receive().status == 400
        assert until_closed(client) == b""


# ---- Expect ----

def test_a_body_may_await_100_continue(shared):
    with shared.client() as client:
        for number in range(3):
            body = json.dumps({"code": json.dumps({"stdout": str(number)})}).encode()
            client.socket.sendall(head(f"content-length: {len(body)}", "expect: 100-continue"))
            assert client.receive().status == 100
            client.socket.sendall(body)
            assert client.receive().json()["stdout"] == str(number)


def test_a_body_over_the_limit_is_refused_before_it_is_asked_for(shared):
    texts = answers(shared, head("content-length: 99999999", "expect: 100-continue"))
    assert texts[-1].startswith(b"HTTP/1.1 413 "), texts


@pytest.mark.parametrize("value", ["200-ok", "100-continue, x", ""])
def test_another_expectation_is_417(shared, value):
    with shared.client() as client:
        client.socket.sendall(head("content-length: 12", f"expect: {value}"))
        response = client.receive()
        assert response.status == 417
        assert response.headers["content-type"] == "application/problem+json"
        assert until_closed(client) == b""


# ---- several requests on one connection ----

def test_pipelined_requests_of_every_kind_are_answered_in_order(shared):
    rows = [(post(), 200), (post(b"{"), 400), (get("/nowhere"), 404), (post(method="PUT"), 405),
            (get("/livez"), 200), (post(CODE, "content-encoding: gzip"), 415), (post(b"{}"), 422)]
    with shared.client() as client:
        client.socket.sendall(b"".join(data for data, _ in rows))
        assert [client.receive().status for _ in rows] == [status for _, status in rows]


def test_nothing_is_served_behind_a_request_that_is_refused(shared):
    texts = answers(shared, post() + AMBIGUOUS["two lengths"] + SMUGGLED * 3)
    assert [text[9:12] for text in texts] == [b"200", b"400"]


def test_an_empty_line_between_requests_is_no_request(shared):
    """RFC 9112 asks for kindness here; a refusal is as safe, and either must not hang."""
    texts = answers(shared, b"\r\n" + get("/livez", "connection: close"))
    assert len(texts) == 1 and texts[0][9:12] in (b"200", b"400"), texts


# ---- heads and bodies that end early ----

@pytest.mark.parametrize("cut", [0, 1, len(b"POST /api"), -len(CODE) - 2, -len(CODE), -1])
def test_a_request_cut_short_is_closed_without_a_run(shared, cut):
    before = len(shared.engine.runs)
    assert answers(shared, post()[:cut], half_close=True) == []
    assert len(shared.engine.runs) == before


def test_a_client_that_closes_its_side_has_gone(shared):
    """Half a connection cannot be told from a hang-up until it is too late to stop the program."""
    texts = answers(shared, post(json.dumps({"code": '{"gate":"never"}'}).encode()), half_close=True)
    assert len(texts) == 1 and texts[0].startswith(b"HTTP/1.1 499 "), texts
