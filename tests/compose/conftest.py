"""Fixtures of the tests of docker-compose.yml: the engine of tests/docker, the images that compose builds there, and an
engine with a network of its own."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "docker"), str(TESTS / "deploy")]

import realengine  # noqa: E402
from project import BUILT, build  # noqa: E402
from images import image_of_program  # noqa: E402
from island import Island  # noqa: E402

TAG = "mayfly-compose-test"
engine = realengine.engine
pytest_runtest_makereport = realengine.pytest_runtest_makereport


@pytest.fixture(scope="session")
def built(engine):
    """The tag of the images that compose has built on the engine at hand."""
    build(engine, TAG)
    yield TAG
    engine.run("image", "rm", *[f"{name}:{TAG}" for name in BUILT], timeout=120)


@pytest.fixture(scope="session")
def island(engine, built, tmp_path_factory):
    """With these images, named as docker-compose.yml does, and a Prometheus."""
    with Island(tmp_path_factory.mktemp("island")) as island:
        island.take_images(engine, {f"{name}:{built}": f"{name}:latest" for name in BUILT})
        image_of_program(island, "prometheus:test", "/usr/bin/prometheus", "/bin/prometheus", writable=["prometheus"])
        yield island
