"""Sends requests to a gateway, and compares each answer with the description."""

import json

from gateway import EXECUTE

EXECUTIONS = "/api/v1/executions"
SESSIONS = "/api/v1/sessions"
JSON = [("content-type", "application/json")]


def ask(gateway, body, headers=JSON):
    return gateway.request("POST", EXECUTE, body, headers)


def send(gateway, **fields):
    return ask(gateway, json.dumps({"code": "1", **fields}).encode())


class Asking:
    def __init__(self, gateway, description):
        self.gateway, self.description = gateway, description

    def __call__(self, method, path, body=b"", **headers):
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        lines = named if "content_type" in headers else [*JSON, *named]
        answer = self.gateway.request(method, path, body, lines)
        assert self.description.faults_of_answer(self.description.operation(method, path), answer) == [], answer
        return answer

    def submit(self, directive, **headers):
        return self("POST", EXECUTIONS, json.dumps({"code": json.dumps(directive), "timeout": 20}).encode(), **headers)


# What differs from run to run.
VARYING = {"id", "execution_time", "cpu_time", "peak_memory", "queue_time"}


def told_again(value):
    """Returns a JSON value in which each value that varies is replaced by its type."""
    if not isinstance(value, dict):
        return value
    return {name: type(member) if name in VARYING else member for name, member in value.items()}


def events_in(text):
    """[id, event, data] of each event, [text] of each comment."""
    assert text.endswith("\n\n")
    for block in text[:-2].split("\n\n"):
        if block.startswith(":"):
            yield [block]
            continue
        fields = [line.partition(": ")[::2] for line in block.split("\n")]
        assert [name for name, _ in fields] == ["id", "event", "data"], block
        yield [int(fields[0][1]), fields[1][1], json.loads(fields[2][1])]


def events_are(description, name, text):
    """Returns whether these are the events of this example."""
    given, shown = ([told_again(part) for event in events_in(each) for part in event]
                    for each in (text, description.example(name)))
    assert given == shown
