"""Fixtures: a gateway on the fake engine, its description, and the same gateway behind a proxy that judges by it."""

import json
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/system")]

import npm  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Client, Gateway  # noqa: E402
from description import Description  # noqa: E402
from proxy import Proxy  # noqa: E402

packages = npm.packages("tests/conformance")
RUNTIMES = "python=mayfly-python:latest,python-data=mayfly-python-data:latest=1"


@pytest.fixture(scope="session")
def engine():
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, \
            Engine(f"{folder}/docker.sock") as running:
        running.add_image("mayfly-python-data:latest")
        yield running


@pytest.fixture(scope="session")
def gateway(engine):
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=4, MAYFLY_RUNTIMES=RUNTIMES) as running:
        yield running


@pytest.fixture(scope="session")
def document(gateway):
    return gateway.request("GET", "/openapi.json").json()


@pytest.fixture(scope="session")
def description(document):
    return Description(document)


class JudgedClient(Client):
    """What is sent and answered must be what the description names."""

    description = None
    asked = None

    def send(self, method, path, body=b"", headers=()):
        super().send(method, path, body, headers)
        self.asked = method, path, body

    def receive(self):
        answer = super().receive()
        if self.asked and self.description:
            self._judge(answer, *self.asked)
        return answer

    def _judge(self, answer, method, path, body):
        """What the proxy does not: of requests, and of a 4xx that is not named."""
        operation = self.description.operation(method, path)
        assert str(answer.status) in operation["responses"], answer
        if method == "POST" and answer.status < 300:
            faults = self.description.faults(self.description.schema("Job"), json.loads(body))
            assert not faults, f"the gateway took what its description does not: {faults}"


class JudgedGateway(Gateway):
    """One whose clients go through the proxy."""

    description = None

    def client(self, timeout=30):
        client = JudgedClient(self.address, timeout)
        client.description = self.description
        return client


@pytest.fixture(scope="session")
def proxy(packages, tmp_path_factory):
    """Start a proxy that judges a gateway by a document."""
    def start(gateway, document):
        folder = tmp_path_factory.mktemp("proxy")
        (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
        return Proxy(folder / "openapi.json", gateway.url, folder / "log")

    return start


@pytest.fixture(scope="session")
def shared(engine, description, proxy):
    """What the system tests call so: the gateway that all share. Here they reach it through the proxy."""
    with JudgedGateway(f"unix://{engine.path}", MAYFLY_WARM=4) as gateway:
        with proxy(gateway, description.document) as judge:
            gateway.engine, gateway.description, gateway.address = engine, description, judge.address
            yield gateway
