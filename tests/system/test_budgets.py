"""The memory of the gateway's processes, with every budget of theirs filled at once, against deploy/docs/memory.md's formula.

What a process may hold is the sum of its budgets, which are settings, and a part that no request changes. The units' limits
(deploy/systemd, compose, swarm, kubernetes) are held to the same formula here.
"""

import re
import json
from contextlib import ExitStack
from pathlib import Path

import pytest

import gateway as gateway_module
from crowd import is_sanitized, rss_bytes
from door import head
from gateway import EXECUTE, ROOT, Client
from helpers import running, until
from test_backpressure import stopped

KIB, MIB = 1 << 10, 1 << 20
SIZES = {"KiB": KIB, "MiB": MIB, "GiB": 1 << 30, "": 1, "Ki": KIB, "Mi": MIB, "Gi": 1 << 30,
         "K": KIB, "M": MIB, "G": 1 << 30, "k": KIB, "m": MIB, "g": 1 << 30}
DEFAULTS = {"MAYFLY_MAX_BODY_BYTES": "8MiB", "MAYFLY_MAX_PENDING_BYTES": "256MiB", "MAYFLY_MAX_UNREAD_BYTES": "256MiB",
            "MAYFLY_EXECUTIONS_BYTES": "256MiB", "MAYFLY_MAX_CONNECTIONS": "10240"}


def size(text):
    number, unit = re.fullmatch(r"(\d+)([A-Za-z]*)", str(text)).groups()
    return int(number) * SIZES[unit]


def front_bytes(settings):
    """deploy/docs/memory.md: what the front may hold."""
    value = {name: size(settings.get(name, default)) for name, default in DEFAULTS.items()}
    return (96 * MIB + 3 * value["MAYFLY_MAX_BODY_BYTES"] + value["MAYFLY_MAX_PENDING_BYTES"]
            + value["MAYFLY_MAX_UNREAD_BYTES"] + value["MAYFLY_EXECUTIONS_BYTES"]
            + 8 * KIB * value["MAYFLY_MAX_CONNECTIONS"])


BROKER_DEFAULTS = {"MAYFLY_MAX_BODY_BYTES": "8MiB", "MAYFLY_MAX_WAITING_BYTES": "64MiB", "MAYFLY_MAX_BOXES": "16",
                   "MAYFLY_OUTPUT_FILE_BYTES": "4MiB", "MAYFLY_DISPLAYS_BYTES": "8MiB"}


def broker_bytes(settings):
    """deploy/docs/memory.md: what the broker may hold for one front."""
    value = {name: size(settings.get(name, default)) for name, default in BROKER_DEFAULTS.items()}
    frame = max(value["MAYFLY_OUTPUT_FILE_BYTES"], value["MAYFLY_DISPLAYS_BYTES"])
    return (24 * MIB + value["MAYFLY_MAX_WAITING_BYTES"] + value["MAYFLY_MAX_BODY_BYTES"]
            + value["MAYFLY_MAX_BOXES"] * (MIB + 64 * KIB + frame))


def flood(output, **fields):
    return {"code": json.dumps({"flood_bytes": output, "flood_text": "\x01", "flood_streams": [1, 2]}), "timeout": 30,
            "limits": {"output_bytes": output}, **fields}


class Full:
    """A gateway whose front is filled, budget after budget. What is held is let go at the end."""

    SETTINGS = {"MAYFLY_WARM": 2, "MAYFLY_MAX_BOXES": 64, "MAYFLY_MAX_BODY_BYTES": "2MiB",
                "MAYFLY_MAX_PENDING_BYTES": "48MiB", "MAYFLY_MAX_UNREAD_BYTES": "64MiB",
                "MAYFLY_EXECUTIONS_BYTES": "64MiB", "MAYFLY_MAX_CONNECTIONS": 500, "MAYFLY_QUEUE_TIMEOUT_MS": 60000}

    def __init__(self, gateway):
        self.gateway = gateway
        self._held = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for client in self._held:
            client.close()

    def hold(self, body, room=None):
        client = Client(self.gateway.address, room=room).post(body, EXECUTE)
        self._held.append(client)
        return client

    def value(self, name, **labels):
        return self.gateway.metrics().value(f"mayfly_{name}", **labels)

    def keep_executions(self):
        """Until the oldest had to make room."""
        with self.gateway.client() as client:
            for _ in range(12):
                location = client.post(flood(4 * MIB), "/api/v1/executions").receive().headers["location"]
                assert client.request("GET", f"{location}?wait=30").status == 200
        assert self.value("executions_kept_bytes") > 48 * MIB
        assert self.value("executions_kept") < 12

    def hold_bodies(self):
        """Until one more would be refused: of requests that are still coming in."""
        size = 2 * MIB - 4 * KIB
        for _ in range(23):
            client = Client(self.gateway.address)
            self._held.append(client)
            client.socket.sendall(head(f"content-length: {size + 1}") + b" " * size)
        until(lambda: self.value("http_held_bytes") > 44 * MIB, "all of it has come", 30)

    def leave_unread(self):
        """Until one had to give way."""
        for _ in range(12):
            self.hold(flood(4 * MIB), room=4 * KIB)
        until(lambda: self.value("unread_bytes", what="answers") > 40 * MIB, "answers wait", 30)


def test_a_full_front_keeps_to_the_formula(start, engine):
    gateway = start(**Full.SETTINGS)
    front = gateway.pids()["front"]
    with Full(gateway) as full:
        full.keep_executions()
        full.hold_bodies()
        full.leave_unread()
        most, now = rss_bytes(front, "VmHWM"), rss_bytes(front)
        may = front_bytes(Full.SETTINGS)
        print(f"the front holds {now / MIB:.0f} MiB and held {most / MIB:.0f} at most; it may hold {may / MIB:.0f}")
        assert now > 130 * MIB, "the budgets are not full"
        if not is_sanitized(gateway_module.BINARY):
            assert most < may
        assert gateway.request("GET", "/livez").status == 200
        # The worst is nothing but the sum: what no budget counts is small.
        if not is_sanitized(gateway_module.BINARY):
            counted = sum(size(Full.SETTINGS[name]) for name in (
                "MAYFLY_MAX_PENDING_BYTES", "MAYFLY_MAX_UNREAD_BYTES", "MAYFLY_EXECUTIONS_BYTES"))
            assert most < counted + 64 * MIB
    engine.open("never")
    until(lambda: full.value("http_requests_pending") == 1 and full.value("unread_bytes", what="answers") == 0,
          "all is let go", 30)
    assert gateway.execute({"stdout": "next"})[1]["stdout"] == "next"


def test_tests_that_wait_keep_to_the_formula(start, engine):
    """A request holds its tests until they have been judged. One that does not fit is refused before any has run."""
    gateway = start(**Full.SETTINGS | {"MAYFLY_PARALLEL_TESTS": 1})
    front = gateway.pids()["front"]
    text = "x" * (950 * KIB)
    body = {"code": json.dumps({"gate": "tests"}), "timeout": 30, "tests": [{}, {"stdin": text}, {"expected_stdout": text}]}
    with Full(gateway) as full:
        waiting = []
        while full.value("unread_bytes", what="answers") < 46 * MIB and len(waiting) < 40:
            waiting.append(full.hold(body))
            running(engine, len(waiting))
        refused = full.hold(body).receive()
        assert (refused.status, refused.json()["code"]) == (503, "busy")
        assert len(engine.runs) == len(waiting) > 20
        most, may = rss_bytes(front, "VmHWM"), front_bytes(Full.SETTINGS)
        print(f"{len(waiting)} requests with tests wait: the front held {most / MIB:.0f} MiB; it may hold {may / MIB:.0f}")
        assert most > 46 * MIB, "the budget is not full"
        assert most < size(Full.SETTINGS["MAYFLY_MAX_UNREAD_BYTES"]) + 64 * MIB or is_sanitized(gateway_module.BINARY)
        engine.open("tests")
        answers = [client.receive().json() for client in waiting]
        assert {(answer["passed"], answer["failed"]) for answer in answers} == {(2, 1)}
        until(lambda: full.value("unread_bytes", what="answers") == 0, "nothing is held", 30)


WAITING = 600
WAITING_KIB = 10   # h2o's 4 for a request and 1 for a connection, 1 of input, and a run with what is said of it


@pytest.mark.parametrize("at_once", [False, True], ids=["as they come", "all at once"])
def test_a_request_that_waits_for_its_run_holds_little(start, engine, at_once):
    """Also where all came before any was read: what each needed to be read leaves no hole."""
    gateway = start(MAYFLY_WARM=4, MAYFLY_MAX_BOXES=8, MAYFLY_MAX_WAITING=WAITING, MAYFLY_QUEUE_TIMEOUT_MS=120000)
    front = gateway.pids()["front"]
    before = rss_bytes(front, "RssAnon")
    with ExitStack() as stack:
        clients = [stack.enter_context(gateway.client()) for _ in range(WAITING)]
        until(lambda: gateway.metrics().value("mayfly_http_connections", entrance="main") >= WAITING, "all are accepted", 30)
        with stopped(front) if at_once else ExitStack():
            for client in clients:
                client.post({"code": json.dumps({"gate": "waiting"}), "timeout": 30})
        until(lambda: gateway.metrics().value("mayfly_runs_waiting") == WAITING - 8, "all but 8 wait", 30)
        each = (rss_bytes(front, "RssAnon") - before) / WAITING / KIB
        print(f"{each:.1f} KiB for each waiting request")
        assert each < WAITING_KIB or is_sanitized(gateway_module.BINARY)
    engine.open("waiting")
    until(lambda: gateway.metrics().value("mayfly_http_requests_pending") == 1, "all have hung up", 30)
    assert gateway.execute({"stdout": "next"})[1]["stdout"] == "next"


def settings_of(path):
    found = re.findall(r"^\s*#?\s*(MAYFLY_[A-Z_]+)[=:]\s*\"?([0-9A-Za-z]+)\"?\s*$", path.read_text("utf-8"), re.M)
    return dict(found)


@pytest.mark.parametrize("path, pattern, settings", [
    ("deploy/systemd/mayfly-front.service", r"^MemoryMax=(\w+)$", None),
    ("docker-compose.yml", r"^  front:\n(?:    .*\n|\n)*?    mem_limit: (\w+)$", None),
    ("deploy/swarm/stack.yml", r"^  front:\n(?:    .*\n|\n)*? +limits: \{memory: (\w+)", None),
    ("deploy/kubernetes/base/deployment.yaml", r"^ *memory: (\w+)$", "deploy/kubernetes/components/pod/settings.env"),
    ("deploy/kubernetes/components/sidecar/front.yaml", r"^ *memory: (\w+)$",
     "deploy/kubernetes/components/pod/settings.env"),
])
def test_the_units_limits_follow_from_the_settings(path, pattern, settings):
    given = settings_of(Path(ROOT) / settings) if settings else {}
    found = re.findall(pattern, (Path(ROOT) / path).read_text("utf-8"), re.M)
    assert found, f"no limit in {path}"
    assert size(found[-1]) >= front_bytes(given), f"{path}: {found[-1]}, and {front_bytes(given) / MIB:.0f} MiB are needed"


@pytest.mark.parametrize("path, pattern, settings", [
    ("deploy/systemd/mayfly-broker.service", r"^MemoryMax=(\w+)$", None),
    ("docker-compose.yml", r"^  mem_limit: (\w+)$", None),
    ("deploy/swarm/stack.yml", r"^  resources:\n    limits: \{memory: (\w+)", None),
    ("deploy/kubernetes/components/pod/pod.yaml", r"^ *memory: (\w+)$", "deploy/kubernetes/components/pod/settings.env"),
])
def test_the_brokers_limits_follow_from_the_settings(path, pattern, settings):
    given = settings_of(Path(ROOT) / settings) if settings else {}
    found = re.findall(pattern, (Path(ROOT) / path).read_text("utf-8"), re.M)
    assert found, f"no limit in {path}"
    assert size(found[-1]) >= broker_bytes(given), f"{path}: {found[-1]}, and {broker_bytes(given) / MIB:.0f} MiB are needed"
