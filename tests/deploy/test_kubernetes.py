"""Pods from their rendered manifests, with Debian's dockerd nested in them: they serve, each part has what it needs and no
more, and a stop loses nothing. A cluster is not needed, and not shown."""

import base64
import json
import os
import subprocess
import uuid
from pathlib import Path

import pytest

from gateway import BINARY
from images import image_of_host, image_of_program
from pod import ROOT, Pod, processes_with, rendered
from realengine import IMAGE

PREFIX = "mayfly-test/"
HOST_USR = ["--volume=/usr:/usr:ro"]
# In place of the entry point of docker:dind: cgroups that the engine may write to.
ENTRY = ["/bin/sh", "-c", "for m in /sys/fs/cgroup /sys/fs/cgroup/*; do "
         "mountpoint -q $m && mount -o remount,rw,bind $m; done; exec \"$@\"", "sh"]

# Its child can be seen from outside, by the argument.
SLOW = "import subprocess, sys\n" \
       "subprocess.run([sys.executable, '-c', 'import time; time.sleep(3)', sys.argv[1]])\nprint('kept')"


@pytest.fixture(scope="module")
def images(engine):
    """What a registry would have, for each container of the pod."""
    names = {name: f"{PREFIX}{name}:test" for name in ("mayfly", "client", "host")}
    image_of_program(engine, names["mayfly"], BINARY, "/usr/bin/mayfly", 'ENTRYPOINT ["/usr/bin/mayfly"]', "USER 65534")
    image_of_program(engine, names["client"], "/usr/bin/docker", "/usr/bin/docker", "ENV PATH=/usr/bin")
    image_of_host(engine, names["host"], "ENV PATH=/usr/sbin:/usr/bin")
    settings = {"DOCKER_HOST": engine.host, "MAYFLY_CLIENT": names["client"], "MAYFLY_RUNNERS": IMAGE}
    done = subprocess.run([ROOT / "deploy/kubernetes/images.sh", PREFIX, "runner-images"], env=os.environ | settings,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    names["runner-images"] = done.stderr.split()[0]
    entry = [f"--entrypoint={ENTRY[0]}"]
    yield {"pause": (names["host"], HOST_USR), "front": (names["mayfly"], []), "broker": (names["mayfly"], []),
           "runner-images": (names["runner-images"], []), "engine": (names["host"], [*HOST_USR, *entry])}
    engine.run("image", "rm", *names.values(), timeout=120)


def pod_of(engine, images, name):
    documents = rendered(name)
    pod = Pod(engine, documents, images, {"MAYFLY_RUNTIMES": f"python={IMAGE}"})
    nested = pod.container("engine")
    nested["args"] = [*ENTRY[1:], *nested["args"]]
    return pod


@pytest.fixture(scope="module")
def pod(engine, images):
    """The one of the production example, with a key of its own: `pod.key` is the header to show."""
    made = subprocess.run([BINARY, "key", "new", "test"], capture_output=True, text=True, check=True).stdout.split("\n")
    starting = pod_of(engine, images, "examples/production")
    for files in starting.secrets.values():
        files["keys.json"] = base64.b64encode(json.dumps({"keys": [json.loads(made[3])]}).encode())
    starting.key = ("authorization", f"Bearer {made[1].strip()}")
    with starting as running:
        yield running


def status_of(pod, name):
    """The lines of /proc/PID/status of a container's first process."""
    lines = Path(f"/proc/{pod.pid(name)}/status").read_text(encoding="ascii").splitlines()
    return {key: value.split() for key, _, value in (line.partition(":") for line in lines)}


def test_the_pod_serves_who_has_a_key(pod):
    status, answer = pod.execute("print(2 + 2)", pod.key)
    assert (status, answer["stdout"], answer["status"]) == (200, "4\n", "success")
    assert pod.execute("print(2 + 2)")[0] == 401


@pytest.mark.parametrize("kind", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_every_probe_passes(pod, kind):
    for container in pod.spec["initContainers"] + pod.spec["containers"]:
        if kind in container:
            assert pod.passes(container, kind), container["name"]


@pytest.mark.parametrize("name, user", [("front", "65534"), ("broker", "65533")])
def test_front_and_broker_are_nobody_with_no_rights(pod, name, user):
    status = status_of(pod, name)
    assert status["Uid"] == [user] * 4 and status["Gid"] == ["65532"] * 4
    assert int(status["CapBnd"][0], 16) == 0 and int(status["CapEff"][0], 16) == 0
    assert status["NoNewPrivs"] == ["1"] and status["Seccomp"] == ["2"]


def test_the_front_has_the_wire_and_not_the_engine(pod):
    root = Path(f"/proc/{pod.pid('front')}/root")
    assert (root / "run/mayfly/wire.sock").is_socket()
    assert not (root / "run/engine").exists()
    assert (Path(f"/proc/{pod.pid('broker')}/root") / "run/engine/docker.sock").is_socket()


def test_nothing_listens_but_the_front(pod):
    listening = "0A"
    found = set()
    for table in ("tcp", "tcp6"):
        rows = Path(f"/proc/{pod.pid('pause')}/net/{table}").read_text(encoding="ascii").splitlines()[1:]
        found |= {int(row.split()[1].rpartition(":")[2], 16) for row in rows if row.split()[3] == listening}
    assert found == {port["containerPort"] for port in pod.container("front")["ports"]}


def test_the_pod_has_no_network_but_the_front_s(pod):
    """The engine was told to make no bridge and no rules."""
    links = Path(f"/proc/{pod.pid('engine')}/net/dev").read_text(encoding="ascii").splitlines()[2:]
    assert [line.partition(":")[0].strip() for line in links] == ["lo"]


def test_metrics_are_at_their_own_address(pod):
    with pod.client(9090) as client:
        response = client.request("GET", "/metrics")
    assert response.status == 200 and b"mayfly_runs_waiting" in response.body
    with pod.client() as client:
        assert client.request("GET", "/metrics", headers=[pod.key]).status == 404


def test_a_broker_that_died_comes_back(pod):
    """It finds the wire socket of the one before it, and the front finds it."""
    pod.restart("broker")
    pod.probe(pod.container("front"), "readinessProbe", seconds=60)
    assert pod.execute("print('again')", pod.key)[1]["stdout"] == "again\n"


def test_an_engine_that_died_comes_back_with_its_images(pod):
    pod.restart("engine")
    pod.probe(pod.container("front"), "readinessProbe", seconds=60)
    assert pod.execute("print('once more')", pod.key)[1]["stdout"] == "once more\n"


def test_a_stop_loses_nothing_and_leaves_nothing(pod):
    """Ends the pod: the last test."""
    mark = uuid.uuid4().hex
    boxes = ["exec", pod.ids["engine"], "docker", "--host=unix:///run/engine/docker.sock", "ps", "--all", "--quiet"]
    left = []

    def seen(name):
        if name == "broker":
            left.extend(pod.engine.docker(*boxes).split())

    with pod.client() as client:
        pod.send(client, SLOW, pod.key, args=[mark])
        pod.until(lambda: processes_with(mark), "the program runs")
        codes = pod.stop(seen)
        response = client.receive()
    assert list(codes.items()) == [("front", 0), ("broker", 0), ("engine", 0)], pod.log()
    assert response.status == 200 and response.json()["stdout"] == "kept\n"
    assert not left


def test_an_application_finds_its_sidecar_ready(engine, images):
    """Its first act is a call, which works; its sidecars stop behind it."""
    application = (images["pause"][0], [*HOST_USR, "--entrypoint=/usr/bin/curl"])
    starting = pod_of(engine, images | {"agent": application}, "examples/sidecar")
    agent = starting.container("agent")
    agent["args"] = ["--silent", "--show-error", "--fail", "--header", "content-type: application/json",
                     "--data", '{"code":"print(2 + 2)"}', agent["env"][0]["value"]]
    with starting as pod:
        engine.docker("wait", pod.ids["agent"])
        codes = pod.stop()
        assert list(codes.items()) == [("agent", 0), ("front", 0), ("broker", 0), ("engine", 0)], pod.log()
        assert '"stdout":"4\\n"' in pod.log("agent")


@pytest.mark.parametrize("name", ["overlays/dind-rootless", "overlays/node-socket", "examples/no-keys"])
def test_the_gateway_takes_every_manifest_s_settings(name):
    pod = Pod(None, rendered(name), {}, {})
    for role in ("front", "broker"):
        settings = pod.environment(pod.container(role))
        done = subprocess.run([BINARY, "config"], env=settings, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 0, done.stderr
        printed = dict(line.split("=", 1) for line in done.stdout.splitlines())
        assert {each: printed.get(each) for each in settings if each in printed}.items() <= settings.items()
