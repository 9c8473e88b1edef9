"""Fixtures of the tests in a browser: a gateway on a real engine, and what each page's checks said of it."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/docker")]

import npm  # noqa: E402
import realengine  # noqa: E402
from box import DATA_IMAGE, IMAGE  # noqa: E402
from gateway import free_port  # noqa: E402

engine = realengine.engine
packages = npm.packages("tests/browser", "gateway/web")
pytest_runtest_makereport = realengine.pytest_runtest_makereport

SCREENSHOTS = ROOT / "build/browser"
CHECKS_SECONDS = 1200


RUNTIMES = f"python={IMAGE},python-data={DATA_IMAGE}"
LISTED_PORT = free_port()
KEY = "key-of-the-browser-tests"


@pytest.fixture(scope="session")
def gateway(engine):
    with realengine.Gateway(engine.host, MAYFLY_RUNTIMES=RUNTIMES) as running:
        yield running


@pytest.fixture(scope="session")
def locked_gateway(engine):
    """One that asks for KEY. Its front, which has no privileges, reads the keys file."""
    entry = {"name": "browser", "sha256": hashlib.sha256(KEY.encode()).hexdigest()}
    with tempfile.NamedTemporaryFile("w", prefix="mayfly-keys-", suffix=".json") as file:
        json.dump({"keys": [entry]}, file)
        file.flush()
        os.chmod(file.name, 0o644)
        with realengine.Gateway(engine.host, MAYFLY_WARM=1, MAYFLY_KEYS_FILE=file.name) as running:
            yield running


@pytest.fixture(scope="session")
def open_gateway(engine):
    """One that pages at LISTED_PORT of this machine may call."""
    with realengine.Gateway(engine.host, MAYFLY_WARM=2, MAYFLY_CORS_ORIGINS=f"http://localhost:{LISTED_PORT}") as running:
        yield running


GATEWAYS = {"keys.mjs": "locked_gateway", "origins.mjs": "open_gateway"}


@pytest.fixture(scope="session")
def said(request, packages):
    """A function: what a script's checks said, by name. Each script runs once, at the first question."""
    answers = {}

    def answers_of(script):
        if script not in answers:
            gateway = request.getfixturevalue(GATEWAYS.get(script, "gateway"))
            answers[script] = run_checks(script, gateway.url)
        return answers[script]

    return answers_of


def run_checks(script, url):
    command = ["node", str(HERE / script), url, str(SCREENSHOTS)]
    done = subprocess.run(command, env=os.environ | {"KEY": KEY, "LISTED_PORT": str(LISTED_PORT)}, capture_output=True, text=True, check=False,
                          timeout=CHECKS_SECONDS)
    found = {check["name"]: check for check in map(json.loads, done.stdout.splitlines())}
    return found, done.stderr
