"""Fixtures of the tests of deploy/swarm: the engine of tests/docker, and a swarm of two that have its images."""

import json
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS / "docker"), str(TESTS / "deploy")]

import realengine  # noqa: E402
import shipped  # noqa: E402
from cluster import Cluster, Proxy  # noqa: E402
from gateway import BINARY  # noqa: E402
from images import image_of_program  # noqa: E402
from keyed import new_key  # noqa: E402

engine = realengine.engine
pytest_runtest_makereport = realengine.pytest_runtest_makereport

GATEWAY = "mayfly:mayfly-swarm-test"


@pytest.fixture(scope="session")
def archive(engine, tmp_path_factory):
    """A file with the gateway's image and the boxes'."""
    path = tmp_path_factory.mktemp("images") / "images.tar"
    image_of_program(engine, GATEWAY, BINARY, "/usr/bin/mayfly", 'ENTRYPOINT ["/usr/bin/mayfly"]', "USER 65534")
    engine.docker("save", f"--output={path}", GATEWAY, realengine.IMAGE, timeout=300)
    yield path
    engine.run("image", "rm", GATEWAY)


@pytest.fixture(scope="session")
def cluster(archive, tmp_path_factory):
    """Two nodes, with the images that the stack names, each of them that of python."""
    folder = tmp_path_factory.mktemp("swarm")
    with Cluster(folder) as cluster:
        for node in cluster.nodes:
            node.docker("load", f"--input={archive}", timeout=300)
            node.docker("tag", GATEWAY, "mayfly:1")
            node.docker("tag", GATEWAY, "mayfly:2")
            for image in shipped.IMAGES:
                node.docker("tag", realengine.IMAGE, f"{image}:1")
        yield cluster
    assert not any(node.processes() for node in cluster.nodes)
    assert str(folder) not in Path("/proc/self/mountinfo").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def keys():
    """Two: (the key, its entry for the file)."""
    return [new_key(name) for name in ("first", "second")]


@pytest.fixture(scope="session")
def stack(cluster, keys):
    """The cluster, with the stack: one key may call. mayfly-keys-2 is a secret for an update, with both."""
    for name, entries in (("mayfly-keys", keys[:1]), ("mayfly-keys-2", keys)):
        file = json.dumps({"keys": [entry for _, entry in entries]})
        cluster.manager.docker("secret", "create", name, "-", input=file.encode())
    cluster.deploy(MAYFLY_TAG="1")
    cluster.wait_running()
    yield cluster
    cluster.remove()
    cluster.leave()
    assert [node.docker("ps", "--all", "--quiet") + node.docker("volume", "ls", "--quiet") for node in cluster.nodes] \
        == ["", ""]


@pytest.fixture(scope="session")
def proxy(stack, tmp_path_factory):
    with Proxy(stack, tmp_path_factory.mktemp("proxy")) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def gateway(stack, proxy, keys):
    """Reached by way of the proxy."""
    with stack.gateway(keys[0][0]) as gateway:
        yield gateway
