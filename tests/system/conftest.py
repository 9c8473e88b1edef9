"""Fixtures of the system tests: a fake engine, and the real binary in front of it."""

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine import Engine  # noqa: E402
from gateway import BINARY, Gateway  # noqa: E402


def pytest_sessionstart(session):
    if not os.access(BINARY, os.X_OK):
        pytest.exit(f"no gateway to test: {BINARY} (build it, or name one with MAYFLY_BIN)", 2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failure shows the logs of the gateways and the state of the engine that took part."""
    report = (yield).get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, (Gateway, Starter)):
                report.sections.append(("gateway", value.log()[-8000:]))
            elif isinstance(value, Engine):
                report.sections.append(("engine", value.describe()))


@pytest.fixture
def engine():
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, \
            Engine(f"{folder}/docker.sock") as running:
        yield running


class Starter:
    """Starts gateways in front of one engine. Stops the gateways that the test has left running."""

    def __init__(self, engine):
        self._engine = engine
        self._gateways = []

    def __call__(self, **settings):
        settings.setdefault("MAYFLY_WARM", 2)
        gateway = Gateway(f"unix://{self._engine.path}", **settings)
        self._gateways.append(gateway)
        return gateway.__enter__()

    def stop(self):
        for gateway in self._gateways:
            gateway.__exit__()

    def log(self):
        return "\n".join(gateway.log() for gateway in self._gateways)


@pytest.fixture
def start(engine):
    """Start a gateway with settings. However the test went, no gateway may leave a container behind."""
    starter = Starter(engine)
    try:
        yield starter
    finally:
        starter.stop()
    engine.heal()
    assert not engine.managed(), engine.describe() + "\n" + starter.log()


@pytest.fixture
def gateway(start):
    return start()


@pytest.fixture
def keys_file():
    """Returns a function that writes these entries to a keys file and returns its path. The folder is not below
    pytest's, because each start of pytest closes that to the front's user."""
    with tempfile.TemporaryDirectory(prefix="mayfly-keys-") as folder:
        os.chmod(folder, 0o755)
        path = Path(folder) / "keys.json"

        def write(*entries):
            path.write_text(json.dumps({"keys": list(entries)}), encoding="ascii")
            return path

        yield write


@pytest.fixture(scope="session")
def shared():
    """One gateway for all tests that only send requests and check the answers."""
    with tempfile.TemporaryDirectory(prefix="mayfly-engine-") as folder, \
            Engine(f"{folder}/docker.sock") as running, \
            Gateway(f"unix://{running.path}", MAYFLY_WARM=4) as gateway:
        gateway.engine = running
        yield gateway
