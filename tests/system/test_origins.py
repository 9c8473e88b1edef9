"""The host names of the gateway, and the web pages that may call it, with requests as browsers send them."""

import pytest

import door
import gateway as gateways
from gateway import EXECUTE, Metrics, free_port

EXECUTIONS = "/api/v1/executions"
APP, OTHER = "https://app.example", "http://localhost:3000"
PROGRAM = b'{"code":"{\\"stdout\\":\\"4\\\\n\\"}"}'
EXPOSED = "location, ratelimit, ratelimit-policy, retry-after, x-request-id"
PATHS = ["/", "/docs", "/docs/", "/openapi.json", "/livez", "/readyz", "/health", "/metrics", "/api/v1", "/nothing",
         "/api/v1/runtimes", "/api/v1/executions/0123456789abcdef", "/api/v1/sessions", "/api/v1/sessions/a",
         "/api/v1/sessions/a/files", "/api/v1/sessions/a/files/b", "/mcp"]


def ask(gateway, method, path, host=None, body=b"", **headers):
    """A request with this Host and these headers, given with underscores for dashes."""
    given = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return gateway.request(method, path, body, given + ([("host", host)] if host else []))


def run(gateway, **headers):
    return ask(gateway, "POST", EXECUTE, body=PROGRAM, **{"content_type": "application/json"} | headers)


def preflight(gateway, origin, path=EXECUTE, method="POST"):
    return ask(gateway, "OPTIONS", path, origin=origin, access_control_request_method=method, sec_fetch_mode="cors",
               sec_fetch_site="cross-site", access_control_request_headers="authorization,content-type")


def is_refused(answer, status, code):
    assert (answer.status, answer.json()["code"]) == (status, code), answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.fixture(scope="module")
def open_to_two(shared):
    """A gateway that pages of two origins may call."""
    with gateways.Gateway(f"unix://{shared.engine.path}", MAYFLY_WARM=1, MAYFLY_CORS_ORIGINS=f"{APP},{OTHER}",
                          MAYFLY_HOSTS="front,code.example.com") as gateway:
        yield gateway


# ---- Host ----

@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example"])
def test_another_name_is_misdirected_on_every_path(shared, path, host):
    is_refused(ask(shared, "GET", path, host), 421, "unknown_host")


def test_a_page_whose_name_was_pointed_at_us_runs_nothing(shared):
    """To its browser it is of one origin with us."""
    before = len(shared.engine.runs)
    answer = run(shared, host="evil.example:8000", origin="http://evil.example:8000", sec_fetch_site="same-origin",
                 sec_fetch_mode="cors")
    is_refused(answer, 421, "unknown_host")
    assert len(shared.engine.runs) == before


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "LOCALHOST.", "mayfly.localhost:80", "127.0.0.1:8000",
                                  "10.1.2.3", "[::1]:8000", "[fd00::1]"])
def test_this_machine_and_addresses_are_known(shared, host):
    assert run(shared, host=host).json()["stdout"] == "4\n"


def test_names_of_the_setting_are_known(open_to_two):
    for host in ("front", "front:8000", "Code.Example.com"):
        assert run(open_to_two, host=host).status == 200, host
    is_refused(run(open_to_two, host="back"), 421, "unknown_host")


def test_no_host_at_all_is_no_browser(shared):
    answer = door.answers(shared, b"GET /livez HTTP/1.0\r\n\r\n")
    assert answer[0].startswith(b"HTTP/1.1 200 ")


def test_the_authority_of_an_absolute_target_counts(shared):
    first, second = door.answers(shared, door.get("http://localhost:8000/livez", host="host: evil.example") +
                                 door.get("http://evil.example/livez", "connection: close"))
    assert first.startswith(b"HTTP/1.1 200 ") and second.startswith(b"HTTP/1.1 421 ")


def test_a_pipelined_request_is_judged_too(shared):
    first, second = door.answers(shared, door.get("/livez") + door.get("/livez", "connection: close",
                                                                       host="host: evil.example"))
    assert first.startswith(b"HTTP/1.1 200 ") and second.startswith(b"HTTP/1.1 421 ")


def test_a_body_is_not_read_for_another_name(shared):
    with shared.client() as client:
        client.socket.sendall(f"POST {EXECUTE} HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 5000\r\n\r\n".encode())
        assert client.receive().status == 421


def test_an_address_for_metrics_knows_the_same_names(start):
    port = free_port()
    gateway = start(MAYFLY_METRICS_LISTEN=f"127.0.0.1:{port}", MAYFLY_HOSTS="front")
    gateway.address = ("127.0.0.1", port)
    is_refused(ask(gateway, "GET", "/metrics", "evil.example"), 421, "unknown_host")
    is_refused(ask(gateway, "GET", "/metrics", origin="http://evil.example"), 403, "foreign_origin")
    for host in ("front:9090", "10.1.2.3:9090", "localhost"):
        assert Metrics(ask(gateway, "GET", "/metrics", host).body.decode()), host


# ---- Origin ----

@pytest.mark.parametrize("headers", [
    {"origin": "http://evil.example"},
    {"origin": "http://evil.example", "sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"},
    {"origin": "null", "sec_fetch_site": "cross-site"},
    {"origin": "http://localhost:3000", "sec_fetch_site": "same-site"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"},
])
def test_a_page_of_another_origin_runs_nothing(shared, headers):
    before = len(shared.engine.runs)
    is_refused(run(shared, **headers), 403, "foreign_origin")
    assert len(shared.engine.runs) == before


@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_another_origin_reads_nothing(shared, path):
    is_refused(ask(shared, "GET", path, origin="http://evil.example"), 403, "foreign_origin")
    is_refused(ask(shared, "GET", path, sec_fetch_site="cross-site", sec_fetch_mode="no-cors"), 403, "foreign_origin")


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/livez"])
def test_a_link_from_another_site_may_be_followed(shared, path):
    answer = ask(shared, "GET", path, accept="text/html", sec_fetch_site="cross-site", sec_fetch_mode="navigate")
    assert answer.status == 200 and answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_our_own_pages_may_call(shared):
    for origin in ("http://localhost:8000", "https://localhost:8000"):
        answer = run(shared, host="localhost:8000", origin=origin, sec_fetch_site="same-origin", sec_fetch_mode="cors")
        assert answer.status == 200
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "vary" not in answer.headers and "access-control-allow-origin" not in answer.headers


# ---- CORS ----

@pytest.mark.parametrize("origin", [APP, OTHER])
@pytest.mark.parametrize("path, method, allowed", [(EXECUTE, "POST", "POST, OPTIONS"),
                                                   (f"{EXECUTIONS}/0123456789abcdef", "DELETE",
                                                    "GET, HEAD, DELETE, OPTIONS")])
def test_a_preflight_of_a_listed_origin_is_answered(open_to_two, origin, path, method, allowed):
    answer = preflight(open_to_two, origin, path, method)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == origin
    assert answer.headers["access-control-allow-methods"] == answer.headers["allow"] == allowed
    assert set(answer.headers["access-control-allow-headers"].split(", ")) >= {
        "authorization", "x-api-key", "content-type", "idempotency-key", "last-event-id"}
    assert int(answer.headers["access-control-max-age"]) > 0
    assert answer.headers["vary"] == "origin"
    assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", ["https://app.example.evil.example", "http://app.example", "https://app.example:8443",
                                    "https://APP.example", "null", "http://localhost:30000", "https://app.example,"])
def test_another_origins_preflight_and_call_are_refused(open_to_two, origin):
    for answer in (preflight(open_to_two, origin), run(open_to_two, origin=origin)):
        is_refused(answer, 403, "foreign_origin")
        assert answer.headers["vary"] == "origin"


def is_readable(answer, origin):
    assert answer.headers["access-control-allow-origin"] == origin, answer.headers
    assert answer.headers["access-control-expose-headers"] == EXPOSED
    assert answer.headers["vary"].endswith("origin")
    assert "cross-origin-resource-policy" not in answer.headers


def test_answers_of_every_kind_can_be_read_by_a_listed_origin(open_to_two):
    headers = {"origin": APP, "sec_fetch_site": "cross-site", "sec_fetch_mode": "cors"}
    plain = run(open_to_two, **headers)
    assert plain.json()["stdout"] == "4\n"
    events = run(open_to_two, accept="text/event-stream", **headers)
    assert b"event: result" in events.body
    begun = ask(open_to_two, "POST", EXECUTIONS, body=PROGRAM, content_type="application/json", **headers)
    assert begun.status == 202
    end = ask(open_to_two, "GET", begun.headers["location"] + "/events", **headers)
    problem = ask(open_to_two, "POST", EXECUTE, body=b"{}", content_type="application/json", **headers)
    assert problem.status == 422
    missing = ask(open_to_two, "GET", "/nothing", **headers)
    page = ask(open_to_two, "GET", "/openapi.json", **headers)
    assert (missing.status, page.status) == (404, 200)
    for answer in (plain, events, begun, end, problem, missing, page):
        is_readable(answer, APP)


def test_errors_before_a_handler_can_be_read_too(open_to_two):
    """Of the library's own, of the guard and of the gate."""
    for lines, status in ((("transfer-encoding: chunked",), 400), (("content-length: 99999999",), 413),
                          (("content-length: 1", "content-length: 1"), 400)):
        data = door.head(f"origin: {APP}", *lines)
        text = door.refused(open_to_two, data + (b"zz\r\n" if "chunked" in lines[0] else b""), status).lower()
        is_told = f"access-control-allow-origin: {APP}\r\n".encode() in text
        assert is_told == (len(lines) == 1), text  # what is ambiguous is not read for its Origin
    text = door.refused(open_to_two, door.post(b"{}", f"origin: {APP}", host="host: evil.example"), 421).lower()
    assert f"access-control-allow-origin: {APP}\r\n".encode() in text


def test_who_may_read_depends_on_the_origin_whoever_asks(open_to_two, shared):
    assert ask(open_to_two, "GET", "/livez").headers["vary"] == "origin"
    assert "vary" not in ask(shared, "GET", "/livez").headers
