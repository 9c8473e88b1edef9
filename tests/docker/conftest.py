"""Fixtures of the tests on a real engine."""

import pytest

import realengine

engine = realengine.engine
pytest_runtest_makereport = realengine.pytest_runtest_makereport


@pytest.fixture(scope="session")
def gateway(engine):
    """One `mayfly serve` for the session, with the settings that users get."""
    with realengine.Gateway(engine.host) as running:
        yield running
