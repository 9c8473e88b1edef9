"""docker-compose.yml on an engine, by Debian's docker-compose: the project, and its front as tests know a gateway."""

import json
import os
import subprocess
import uuid
from pathlib import Path

import shipped
from gateway import free_port
from keyed import KeyedGateway

ROOT = Path(__file__).resolve().parent.parent.parent
UP_SECONDS, BUILD_SECONDS = 180, 900
BASES = ["debian:bookworm-slim", "mayfly-base:bookworm"]  # as runner-image/build.sh chooses
BUILT = ["mayfly", *shipped.IMAGES]


def base_of(engine):
    """Returns the base image of builds here."""
    return next(name for name in BASES if engine.run("image", "inspect", name).returncode == 0)


def build(engine, tag):
    """The images that docker-compose.yml builds, under a tag of their own."""
    Project(engine, MAYFLY_TAG=tag, MAYFLY_BASE=base_of(engine)).compose("build", timeout=BUILD_SECONDS)


class Project:
    def __init__(self, engine, *files, **settings):
        """With these files beside docker-compose.yml, and these settings from the environment."""
        self.engine, self.name, self.port = engine, f"mayfly-{uuid.uuid4().hex[:8]}", free_port()
        self._files = [part for file in ("docker-compose.yml", *files) for part in ("--file", file)]
        names = ("PATH", "HOME", "LANG")
        self.settings = {name: os.environ[name] for name in names if name in os.environ}
        self.settings |= {"DOCKER_HOST": engine.host, "DOCKER_SOCKET": engine.socket, "MAYFLY_PORT": str(self.port)}
        self.settings |= {name: str(value) for name, value in settings.items()}

    def compose(self, *words, timeout=UP_SECONDS):
        """Run a command. Returns its output. A failing command fails the test."""
        done = subprocess.run(["docker-compose", "--project-name", self.name, *self._files, *words], cwd=ROOT,
                              env=self.settings, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout, check=False)
        assert done.returncode == 0, f"{words}: {done.stdout[-4000:]}\n{done.stderr[-4000:]}\n{self.log()}"
        return done.stdout

    def __enter__(self):
        try:
            self.compose("up", "--detach", "--no-build")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.compose("down", "--volumes")

    def container(self, service):
        return self.engine.inspect(self.compose("ps", "--quiet", service).split())[0]

    def events(self, service, name):
        """Returns the events in the log of a service, across restarts."""
        log = self.engine.run("logs", self.container(service)["Id"]).stderr.decode()
        return [event for event in map(json.loads, log.splitlines()) if event["event"] == name]

    def left(self):
        """Returns the containers, volumes and networks of this project."""
        label = f"label=com.docker.compose.project={self.name}"
        return [line for kind, words in (("container", ["ls", "--all"]), ("volume", ["ls"]), ("network", ["ls"]))
                for line in self.engine.docker(kind, *words, "--quiet", "--filter", label).split()]

    def log(self):
        ids = self.engine.docker("ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={self.name}")
        logs = [self.engine.run("logs", "--tail=60", each) for each in ids.split()]
        return "\n".join((log.stdout + log.stderr).decode(errors="replace") for log in logs)


class Front(KeyedGateway):
    """The front of a project."""

    def __init__(self, project, key):
        super().__init__(lambda kind, timeout: project.engine.connect(project.port, kind, timeout), key, project.log)
