"""A description that lies is found out: by the proxy, and by the checks of test_description."""

import copy

import pytest

from description import Description
from gateway import Client


@pytest.fixture(scope="module")
def wrong(document):
    """One lie about each of these answers."""
    lie = copy.deepcopy(document)
    schemas, paths = lie["components"]["schemas"], lie["paths"]
    schemas["Result"]["properties"]["peak_memory"]["type"] = "string"
    schemas["Alive"]["properties"]["status"]["const"] = "dead"
    schemas["Healthy"]["required"].append("mood")
    del paths["/readyz"]["get"]["responses"]["200"]
    del paths["/api/v1/execute"]["post"]["responses"]["415"]
    paths["/docs"]["get"]["responses"]["200"] = {
        "description": "", "content": {"text/html": {"schema": {}}},
        "headers": {"X-Frame-Options": {"required": True, "schema": {"type": "string"}}}}
    del schemas["FieldError"]["properties"]["message"]
    return lie


JSON = [("content-type", "application/json")]
REQUESTS = {
    "a member's type": ("POST", "/api/v1/execute", b'{"code":"1"}', JSON),
    "a member's value": ("GET", "/livez"),
    "a member that is not there": ("GET", "/health"),
    "a status that is not named": ("GET", "/readyz"),
    "a member too many": ("POST", "/api/v1/execute", b'{"code":1}', JSON),
}
# These the proxy lets pass.
MORE_REQUESTS = {
    "an error's status that is not named": ("POST", "/api/v1/execute", b"1", [("content-type", "text/plain")]),
    "a header that is not there": ("GET", "/docs"),
}


@pytest.fixture(scope="module")
def address(gateway, proxy, wrong):
    with proxy(gateway, wrong) as judge:
        yield judge.address


@pytest.mark.parametrize("lie", REQUESTS)
def test_the_proxy_finds_a_lie_out(address, lie):
    with Client(address) as client:
        answer = client.request(*REQUESTS[lie])
    assert answer.status == 500 and answer.json()["type"].endswith("#VIOLATIONS"), answer


@pytest.mark.parametrize("lie", REQUESTS | MORE_REQUESTS)
def test_the_checks_find_a_lie_out(gateway, document, wrong, lie):
    method, path, *rest = (REQUESTS | MORE_REQUESTS)[lie]
    answer = gateway.request(method, path, *rest)
    for judge, finds in ((Description(wrong), True), (Description(document), False)):
        operation = judge.document["paths"][path][method.lower()]
        assert bool(judge.faults_of_answer(operation, answer)) == finds, lie
