"""A plugin that runs the system tests once more, each gateway of theirs behind a proxy that judges by the description.

    PYTHONPATH=tests/conformance /usr/bin/python3 -m pytest -p through_proxy tests/system

behind.py says which stay behind, and why.
"""

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import behind  # noqa: E402
import gateway as gateways  # noqa: E402
from description import Description  # noqa: E402
from proxy import Proxy, Switch  # noqa: E402


class JudgedClient(gateways.Client):
    """A client that checks each request and answer by the description."""

    asked = port = description = None

    def send(self, method, path, body=b"", headers=()):
        super().send(method, path, body, [*headers, (Switch.HEADER, str(self.port))] if self.port else headers)
        self.asked = method, path, body

    def receive(self):
        answer = super().receive()
        if self.asked and self.description:
            self._judge(answer, *self.asked)
        return answer

    def _judge(self, answer, method, path, body):
        """Also what the proxy does not: requests, headers too many, and codes of errors."""
        operation = self.description.operation(method, path)
        if not operation:
            return
        faults = self.description.faults_of_answer(operation, answer)
        assert not faults, f"{method} {path}: {answer}: {faults}"
        if method == "POST" and answer.status < 300:
            faults = self.description.faults(self.description.schema("Job"), json.loads(body))
            assert not faults, f"the gateway took what its description does not: {faults}"


class Judge:
    """Starts the proxy for the first gateway that needs it, and keeps it for all."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="mayfly-proxy-")
        self._switch = self._proxy = None
        self._ports = []

    def take(self, gateway):
        """Put the proxy in front of this gateway."""
        if not self._proxy:
            document = gateway.request("GET", "/openapi.json").json()
            self.description = Description(document)
            asks_for_no_key = {name: part for name, part in document.items() if name != "security"}
            path = Path(self._folder.name) / "openapi.json"
            path.write_text(json.dumps(asks_for_no_key), "utf-8")
            self._switch = Switch().__enter__()
            self._proxy = Proxy(path, self._switch.url, Path(self._folder.name) / "log").__enter__()
        self._ports.append(gateway.port)
        self._switch.port = gateway.port
        gateway.address = self._proxy.address
        gateway.url = "http://%s:%d" % self._proxy.address

    def leave(self, gateway):
        if gateway.port in self._ports:
            self._ports.remove(gateway.port)
            self._switch.port = self._ports[-1] if self._ports else None

    def stop(self):
        if self._proxy:
            self._proxy.__exit__()
        if self._switch:
            self._switch.__exit__()
        self._folder.cleanup()


judge = Judge()


class JudgedGateway(gateways.Gateway):
    """One whose clients go through the proxy, once it has answered by itself."""

    def __enter__(self):
        super().__enter__()
        judge.take(self)
        return self

    def __exit__(self, *exception):
        judge.leave(self)
        super().__exit__(*exception)

    def client(self, timeout=30):
        if self.address[1] == self.port:
            return super().client(timeout)
        client = JudgedClient(self.address, timeout)
        client.port, client.description = self.port, judge.description
        return client


gateways.Gateway = JudgedGateway  # before conftest.py and the tests take it from there


def pytest_ignore_collect(collection_path):
    return True if collection_path.name in behind.MODULES else None


def pytest_collection_modifyitems(config, items):
    stay = [item for item in items if item.originalname in behind.NAMES]
    config.hook.pytest_deselected(items=stay)
    items[:] = [item for item in items if item not in stay]


def pytest_unconfigure():
    judge.stop()
