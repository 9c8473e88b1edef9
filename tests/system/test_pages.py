"""The pages: embedded files come whole, compressed, with the right caching, and with few permissions."""

import gzip
import re

import pytest

import door
from door import answers
from gateway import ROOT

MIB = 1 << 20
PAGES = ["/", "/notebook", "/docs", "/redoc"]
PROGRAMS_HTML = ["/", "/notebook"]  # these frame it
POLICY = {"default-src": "'none'", "script-src": "'self'", "connect-src": "'self'", "base-uri": "'none'",
          "form-action": "'none'", "frame-ancestors": "'none'"}


def get(gateway, path, **headers):
    """GET, as a browser does it, with more headers, given with underscores for dashes."""
    headers = {"accept": "text/html"} | headers
    lines = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return gateway.request("GET", path, headers=lines)


def loaded_by(gateway, page):
    """The paths of what a page names to be loaded with it."""
    return ["/" + name for name in re.findall(r'(?:src|href)="(assets/[^"]+)"', get(gateway, page).body.decode())]


def everything(gateway):
    loaded = (path for page in PAGES for path in loaded_by(gateway, page))
    return sorted({"/openapi.json", "/licenses.txt", *PAGES, *loaded})


def test_every_coding_of_an_asset_is_the_same_bytes_under_the_same_tag(shared):
    for path in everything(shared):
        plain = get(shared, path)
        zipped = get(shared, path, accept_encoding="gzip")
        brotli = get(shared, path, accept_encoding="gzip, br")
        assert [answer.status for answer in (plain, zipped, brotli)] == [200] * 3, path
        assert "content-encoding" not in plain.headers
        if "content-encoding" in zipped.headers:
            assert gzip.decompress(zipped.body) == plain.body
        else:
            assert zipped.body == plain.body
        if "content-encoding" in brotli.headers:
            assert brotli.headers["content-encoding"] == "br" and len(brotli.body) < len(plain.body)
        assert len({answer.headers["etag"] for answer in (plain, zipped, brotli)}) == 1
        assert plain.headers["vary"] == "accept, accept-encoding"
        assert plain.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("listed, sent", [("gzip", "gzip"), ("br;q=0.1, gzip", "br"), ("br;q=0, gzip", "gzip"),
                                          ("identity", None), ("*", None), ("gzip;q=0", None)])
def test_an_asset_is_compressed_as_the_client_takes_it(shared, listed, sent):
    answer = get(shared, "/openapi.json", accept_encoding=listed)
    assert answer.headers.get("content-encoding") == sent


def test_what_has_a_hash_for_a_name_is_kept_for_ever_and_the_rest_asked_for_again(shared):
    for path in everything(shared):
        cached = get(shared, path).headers["cache-control"]
        assert cached == ("public, max-age=31536000, immutable" if path.startswith("/assets/") else "no-cache"), path


def test_what_the_browser_has_already_is_not_sent_again(shared):
    tag = get(shared, "/docs").headers["etag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        answer = get(shared, "/docs", if_none_match=known)
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag), known
        assert "content-type" not in answer.headers
    for unknown in ('"other"', 'W/""', tag.replace('"', ""), tag[:-2] + '"'):
        assert get(shared, "/docs", if_none_match=unknown).status == 200, unknown


def test_a_304_leaves_its_connection_in_step(shared):
    tag = get(shared, "/docs").headers["etag"]
    with shared.client() as client:
        assert client.request("GET", "/docs", headers=[("if-none-match", tag)]).status == 304
        assert client.request("GET", "/livez").json() == {"status": "alive"}


def test_a_head_is_the_answer_without_its_body(shared):
    alone, whole = answers(shared, door.get("/docs", method="HEAD") + door.get("/docs", "connection: close"))
    assert alone.endswith(b"\r\n\r\n") and whole.endswith(b"</html>\n")
    assert b"content-type: text/html; charset=utf-8\r\n" in alone
    lengths = re.findall(rb"(?i)content-length: (\d+)", alone + whole)
    assert lengths[0] == lengths[1] != b"0"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_may_load_and_call_nothing_but_this_gateway(shared, page):
    directives = get(shared, page).headers["content-security-policy"].split(";")
    policy = dict(directive.strip().split(" ", 1) for directive in directives)
    assert {name: policy[name] for name in POLICY} == POLICY
    if page in PROGRAMS_HTML:
        assert policy.pop("style-src-attr") == "'unsafe-inline'"
    assert "unsafe" not in str(policy) and "http" not in str(policy) and "*" not in str(policy)
    assert get(shared, page).headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script>|<style|\bon[a-z]+=|https?:", get(shared, page).body.decode())


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_small_on_the_wire(shared, page):
    paths = [page, "/openapi.json", *loaded_by(shared, page)]
    assert len(paths) >= 5
    assert sum(len(get(shared, path, accept_encoding="gzip").body) for path in paths) <= 1.5 * MIB


def test_the_binary_is_small():
    assert (ROOT / "build/release/mayfly").stat().st_size <= 12 * MIB


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_asset_takes_no_other_method(shared, path, method):
    answer = shared.request(method, path)
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", ["/assets", "/assets/", "/assets/none.js", "/docs//", "/livez/", "/openapi.yaml", "/../docs"])
def test_nothing_else_is_there(shared, path):
    assert get(shared, path).status == 404


@pytest.mark.parametrize("page", ["/notebook", "/docs", "/redoc"])
def test_a_slash_behind_a_page_leads_to_the_page(shared, page):
    """By a way that is right below any path of a proxy's too."""
    answer = get(shared, f"{page}/?x")
    assert (answer.status, answer.headers["location"], answer.body) == (308, f"..{page}", b"")
    assert shared.request("POST", f"{page}/").status == 405


@pytest.mark.parametrize("path", ["/", "/api/v1"])
def test_the_index_names_paths_that_are_there(shared, path):
    answer = get(shared, path, accept="application/json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    for name, link in answer.json()["links"].items():
        assert get(shared, link).status in (200, 405), name
