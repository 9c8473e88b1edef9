"""Fixtures of the tests on each engine: those of tests/docker."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "docker"))

import pytest  # noqa: E402

import realengine  # noqa: E402

engine = realengine.engine
pytest_runtest_makereport = realengine.pytest_runtest_makereport


@pytest.fixture(scope="session")
def gateway(engine):
    """One `mayfly serve` for the session, with the settings that users get."""
    with realengine.Gateway(engine.host) as running:
        yield running
