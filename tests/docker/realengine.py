"""The engine on which the tests run, as fixtures for pytest. If no engine answers, tests fail; they are not skipped."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gateway  # noqa: E402
from box import IMAGE  # noqa: E402
from gateway import Gateway  # noqa: E402

RUNTIMES = f"python={IMAGE}"
gateway.OF_THE_ENGINE.setdefault("MAYFLY_RUNTIMES", RUNTIMES)


class Engine:
    """The engine that DOCKER_HOST names, by its command line and by its socket."""

    def __init__(self):
        self.host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        self.socket = self.host.removeprefix("unix://")
        self._command = "/usr/bin/docker" if os.access("/usr/bin/docker", os.X_OK) else "docker"

    def run(self, *args, input=None, timeout=60):
        """Run a docker command. Returns the finished process, whatever its exit code. Output is bytes."""
        return subprocess.run([self._command, "-H", self.host, *args], input=input, timeout=timeout,
                              stdin=None if input is not None else subprocess.DEVNULL,
                              capture_output=True, check=False)

    def docker(self, *args, input=None, timeout=60):
        """Run a docker command. Returns its output as text. A failing command fails the test."""
        done = self.run(*args, input=input, timeout=timeout)
        assert done.returncode == 0, f"docker {' '.join(args)}: {done.stderr.decode()}"
        return done.stdout.decode()

    def start(self, *args):
        """Start a docker command that continues; the caller ends it."""
        return subprocess.Popen([self._command, "-H", self.host, *args], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def is_podman(self):
        parts = json.loads(self.docker("version", "--format", "{{json .Server}}"))["Components"]
        return "Podman Engine" in [part["Name"] for part in parts]

    def managed(self, *filters):
        """Returns the ids of all containers of any gateway, running or not."""
        more = [part for text in filters for part in ("--filter", text)]
        return self.docker("ps", "-aq", "--no-trunc", "--filter", "label=mayfly.managed=1",
                           *more).split()

    def inspect(self, ids):
        """Returns the engine's description of those of these containers that still exist."""
        return json.loads(self.run("inspect", *ids).stdout) if ids else []


@pytest.fixture(scope="session")
def engine():
    engine = Engine()
    version = engine.run("version", "--format", "{{.Server.Version}}")
    if version.returncode != 0:
        pytest.exit(f"no Docker engine answers at {engine.host}: {version.stderr.decode()} "
                    "(tests/run.sh starts one)", 2)
    if engine.run("image", "inspect", IMAGE).returncode != 0:
        pytest.exit(f"the engine has no image {IMAGE} (runner-image/build.sh builds it)", 2)
    return engine


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Gateway):
                report.sections.append(("gateway", value.log()[-20000:]))
