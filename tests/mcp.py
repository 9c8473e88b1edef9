"""A client of MCP for tests, for both generations of the protocol: `call` sends a request of 2026-07-28, `old` one of
an earlier revision.

    answer = mcp.call(gateway, "tools/list")             # a Response; answer.json()["result"]
    answer = mcp.run(gateway, {"stdout": "hi\n"})         # a program, or a directive of the fake init
    result = mcp.use(gateway, "session_run", session_id="s", code="...")
"""

import json

PATH = "/mcp"
MODERN = "2026-07-28"
LEGACY = ["2025-11-25", "2025-06-18", "2025-03-26"]
VERSIONS = [MODERN, *LEGACY]
META = "io.modelcontextprotocol/"
BOTH = ("accept", "application/json, text/event-stream")
JSON = ("content-type", "application/json")


def message(method, params=None, number=1, **members):
    """A JSON-RPC message; number None: a notification."""
    said = {"jsonrpc": "2.0", "method": method, **members}
    if number is not None:
        said["id"] = number
    if params is not None:
        said["params"] = params
    return said


def modern(method, params=None, number=1, version=MODERN):
    """Returns a request that has everything that the server needs."""
    params = dict(params or {})
    params["_meta"] = {META + "protocolVersion": version, META + "clientCapabilities": {}, **params.get("_meta", {})}
    return message(method, params, number)


def headers_of(body, version=MODERN):
    params = body.get("params", {})
    name = [("mcp-name", params["name"])] if isinstance(params.get("name"), str) else []
    return [("mcp-protocol-version", version), ("mcp-method", body["method"]), *name]


def send(gateway, body, headers=(), client=None):
    """Send a body, which is bytes or a JSON value, without waiting. Returns the client."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    client = client or gateway.client()
    given = {name for name, _ in headers}
    usual = [(name, value) for name, value in (BOTH, JSON) if name not in given]
    client.send("POST", PATH, data, [*usual, *(header for header in headers if header[1] is not None)])
    return client


def ask(gateway, body, headers=()):
    with send(gateway, body, headers) as client:
        return client.receive()


def call(gateway, method, params=None, number=1, headers=()):
    body = modern(method, params, number)
    return ask(gateway, body, [*headers_of(body), *headers])


def old(gateway, method, params=None, number=1, version=LEGACY[0], headers=()):
    return ask(gateway, message(method, params, number), [("mcp-protocol-version", version), *headers])


def arguments(program, **more):
    return {"code": program if isinstance(program, str) else json.dumps(program), **more}


def tool_body(tool, given, number=1, token=None, build=modern):
    """Returns the body of a call of a tool. build: `modern`, or `message` for an earlier revision."""
    params = {"name": tool, "arguments": given}
    if token is not None:
        params["_meta"] = {"progressToken": token}
    return build("tools/call", params, number)


def run_body(program, number=1, token=None, **more):
    return tool_body("run_python", arguments(program, **more), number, token)


def old_run_body(program, number=1, token=None, **more):
    return tool_body("run_python", arguments(program, **more), number, token, message)


def run(gateway, program, headers=(), **more):
    """Returns the result of run_python."""
    body = run_body(program, **more)
    answer = ask(gateway, body, [*headers_of(body), *headers])
    assert answer.status == 200, answer
    assert answer.headers["content-type"] == "application/json"
    return answer.json()["result"]


def use(gateway, tool, headers=(), **given):
    """Returns the result of a tool."""
    body = tool_body(tool, given)
    answer = ask(gateway, body, [*headers_of(body), *headers])
    assert answer.status == 200, answer
    return answer.json()["result"]


def texts(result):
    return [block["text"] for block in result["content"] if block["type"] == "text"]


class Messages:
    """The messages of a stream, one after the other."""

    def __init__(self, client):
        self.client = client
        self.status, self.headers = client.receive_head()
        assert self.headers["content-type"] == "text/event-stream", (self.status, self.headers)
        self._text = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def __iter__(self):
        while (said := self.next()) is not None:
            yield said

    def next(self):
        """Returns the next message; None at the end of the stream."""
        while b"\n\n" not in self._text:
            chunk = self.client.receive_chunk()
            if not chunk:
                assert not self._text
                return None
            self._text += chunk
        block, _, self._text = self._text.partition(b"\n\n")
        name, data = block.split(b"\n")
        assert name == b"event: message" and data.startswith(b"data: ")
        return json.loads(data[len(b"data: "):])

    def until(self, condition):
        """Returns the messages up to and including the first that fulfils the condition."""
        seen = []
        for said in self:
            seen.append(said)
            if condition(said):
                return seen
        raise AssertionError(f"no such message among {seen}")
