"""Requests about sessions, for tests of a gateway."""

import json
import time
from urllib.parse import quote

SESSIONS = "/api/v1/sessions"
JSON = ("content-type", "application/json")


class Session:
    """A session as its client sees it."""

    def __init__(self, gateway, name, headers=()):
        self.gateway, self.name, self.headers = gateway, name, list(headers)
        self.path = f"{SESSIONS}/{name}"

    def ask(self, method, rest="", body=b"", headers=()):
        return self.gateway.request(method, self.path + rest, body, [*self.headers, *headers])

    def post(self, rest, fields, headers=()):
        return self.ask("POST", rest, json.dumps(fields).encode(), [JSON, *headers])

    def get(self):
        """Returns the description of the session, which must be live."""
        answer = self.ask("GET")
        assert answer.status == 200, answer
        return answer.json()

    def rest(self, timeout=30):
        """Wait until it is idle. There is no event for this."""
        deadline = time.monotonic() + timeout
        while self.get()["state"] != "idle":
            assert time.monotonic() < deadline, self.get()
            time.sleep(0.01)

    def run(self, directive, headers=(), **fields):
        """Run a cell. Returns the answer of HTTP."""
        return self.post("/executions", {"code": directive if isinstance(directive, str) else json.dumps(directive),
                                         **fields}, headers)

    def cell(self, directive, **fields):
        """Run a cell, and check that it ran. Returns its result."""
        answer = self.run(directive, **fields)
        assert answer.status == 200, answer
        return answer.json()

    def begin(self, directive, headers=(), **fields):
        """Send a cell, and return the client that awaits its answer."""
        body = {"code": json.dumps(directive), **fields}
        return self.gateway.post(body, f"{self.path}/executions", [*self.headers, *headers])

    def names(self):
        """Returns the names that the fake interpreter remembers."""
        return json.loads(self.cell({"get": True})["stdout"])

    def file(self, method, path, body=b"", query=""):
        return self.ask(method, f"/files/{quote(path)}{query}", body)

    def files(self, query=""):
        answer = self.ask("GET", f"/files{query}")
        assert answer.status == 200, answer
        return {file["path"]: file["size_bytes"] for file in answer.json()["files"]}


def post_session(gateway, headers=(), **fields):
    return gateway.request("POST", SESSIONS, json.dumps(fields).encode(), [JSON, *headers])


def opened(gateway, key=None, **fields):
    """Open a session, and return it."""
    headers = [("authorization", f"Bearer {key}")] if key else []
    answer = post_session(gateway, headers, **fields)
    assert answer.status == 201, answer
    assert answer.headers["location"] == f"{SESSIONS}/{answer.json()['id']}"
    return Session(gateway, answer.json()["id"], headers)
