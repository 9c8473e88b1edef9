"""Fixtures of the tests with hostile programs: the engine of tests/docker, and a gateway of their own."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "docker"))

import leftovers  # noqa: E402
import realengine  # noqa: E402

engine = realengine.engine
pytest_runtest_makereport = realengine.pytest_runtest_makereport


@pytest.fixture(scope="session")
def created(engine):
    """What the engine tells of the boxes that are made."""
    listening = leftovers.Created(engine)
    yield listening
    listening.stop()


@pytest.fixture(scope="session")
def gateway(engine, created):
    with realengine.Gateway(engine.host, MAYFLY_WARM=4, MAYFLY_MAX_BOXES=16) as running:
        yield running
