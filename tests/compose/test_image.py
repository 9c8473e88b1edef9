"""The gateway's image, as compose has built it with the classic builder, and by BuildKit."""

import uuid

import pytest

from project import ROOT, base_of
from waiting import wait_until

MOST_BYTES = 40 << 20
BUILD_SECONDS = 600
HARDENED = ["--detach", "--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges",
            "--health-interval=1s", "--env=MAYFLY_WARM=1"]
# Programs that nobody can run.
NO_SHELLS = [f"--volume=/dev/null:/usr/bin/{shell}:ro" for shell in ("dash", "bash")]


@pytest.fixture(scope="module")
def image(built):
    return f"mayfly:{built}"


@pytest.fixture
def start(engine, image):
    """Start a role with these options, without a shell; its container."""
    wire, names = f"mayfly-wire-{uuid.uuid4().hex[:8]}", []
    engine.docker("volume", "create", "--opt=type=tmpfs", "--opt=device=tmpfs", "--opt=o=mode=0750,gid=65534", wire)

    def run(role, *options):
        names.append(engine.docker("run", *HARDENED, *NO_SHELLS, f"--volume={wire}:/run/mayfly", *options, image, role)
                     .strip())
        return names[-1]

    yield run
    for name in reversed(names):
        engine.run("stop", "--time=30", name)
        engine.docker("rm", "--force", name)
    engine.docker("volume", "rm", wire)
    assert engine.managed() == []


def is_healthy(engine, name):
    [container] = engine.inspect([name])
    assert container["State"]["Running"], engine.run("logs", name).stderr.decode()
    return container["State"]["Health"]["Status"] == "healthy"


def check_of(engine, image):
    """The health check's own command."""
    kind, *words = engine.inspect([image])[0]["Config"]["Healthcheck"]["Test"]
    assert kind == "CMD", "CMD-SHELL needs a shell"
    return words


def test_it_is_little_more_than_its_base(engine, image):
    sizes = [each["Size"] for each in engine.inspect([image, base_of(engine)])]
    assert 0 < sizes[0] - sizes[1] <= MOST_BYTES


def test_it_is_nobody_s_and_starts_without_a_shell(engine, image):
    config = engine.inspect([image])[0]["Config"]
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("65534:65534", ["/usr/bin/mayfly"], ["serve"])


def test_serve_is_healthy(engine, start):
    """Its front becomes another user, and must be told to end: it needs three capabilities."""
    name = start("serve", "--user=0", "--cap-add=SETUID", "--cap-add=SETGID", "--cap-add=KILL",
                 f"--volume={engine.socket}:/var/run/docker.sock")
    wait_until(lambda: is_healthy(engine, name), "serve is healthy")
    assert engine.run("exec", name, "/bin/sh", "-c", "true").returncode != 0, "there is a shell"


def test_front_and_broker_are_healthy_each_for_itself(engine, image, start):
    front = start("front")
    check = check_of(engine, image)
    wait_until(lambda: b'"listening"' in engine.run("logs", front).stderr, "the front listens")
    assert engine.run("exec", front, *check).returncode == 1, "without a broker nobody is served"
    broker = start("broker", "--user=0:65534", f"--volume={engine.socket}:/var/run/docker.sock")
    for name in (broker, front):
        wait_until(lambda: is_healthy(engine, name), "it is healthy")
    engine.docker("kill", front)
    assert engine.run("exec", broker, *check).returncode == 0, "a broker lives without a front"


def test_buildkit_builds_it_too(engine, monkeypatch):
    name = "mayfly:mayfly-buildkit-test"
    words = ["build", "--quiet", "--network=host", f"--file={ROOT}/deploy/Dockerfile", f"--tag={name}",
             f"--build-arg=BASE={base_of(engine)}", str(ROOT)]
    try:
        monkeypatch.setenv("DOCKER_BUILDKIT", "1")
        engine.docker(*words, timeout=BUILD_SECONDS)
        assert engine.docker("run", "--rm", "--network=none", name, "--version").startswith("mayfly ")
    finally:
        engine.run("image", "rm", name)
