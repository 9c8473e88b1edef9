"""Fixtures: a gateway on the fake engine, its description, and a proxy that checks a gateway by a description."""

import json
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/system")]

import npm  # noqa: E402
import shipped  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Gateway  # noqa: E402
from description import Description  # noqa: E402
from proxy import Proxy  # noqa: E402

packages = npm.packages("tests/conformance")
ORIGIN = "https://app.example"  # whose pages may call


@pytest.fixture(scope="session")
def engine():
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, \
            Engine(f"{folder}/docker.sock") as running:
        for image in shipped.IMAGES[1:]:
            running.add_image(f"{image}:latest")
        yield running


@pytest.fixture(scope="session")
def gateway(engine):
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=4, MAYFLY_RUNTIMES=shipped.setting(),
                 MAYFLY_CORS_ORIGINS=ORIGIN) as running:
        yield running


@pytest.fixture(scope="session")
def document(gateway):
    return gateway.request("GET", "/openapi.json").json()


@pytest.fixture(scope="session")
def description(document):
    return Description(document)


@pytest.fixture(scope="session")
def proxy(packages, tmp_path_factory):
    """Start a proxy that checks a gateway by a description."""
    def start(gateway, document):
        folder = tmp_path_factory.mktemp("proxy")
        (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
        return Proxy(folder / "openapi.json", gateway.url, folder / "log")

    return start
