"""docker-compose.yml, brought up on an engine of its own: it serves clients with a key, loses no request when its
services are restarted under load, and leaves nothing."""

import contextlib
import inspect
import json
import subprocess
import sys

import pytest

import test_gateway
from project import Front, Project
from gateway import free_port
from keyed import new_key
from load import Load
from network import Network
from waiting import wait_until

CLIENTS = 6


@pytest.fixture(scope="module")
def project(island, tmp_path_factory):
    """Up, with keys and Prometheus, in settings that users have. `project.key` is a key, `project.keys` their file."""
    folder = tmp_path_factory.mktemp("project")
    key, entry = new_key("test")
    keys, settings = folder / "keys.json", folder / "settings.env"
    keys.write_text(json.dumps({"keys": [entry]}), encoding="ascii")
    settings.write_text("MAYFLY_MAX_TIMEOUT_MS=25000\n", encoding="ascii")
    starting = Project(island, "deploy/compose/keys.yml", MAYFLY_KEYS=keys, MAYFLY_ENV=settings,
                       COMPOSE_PROFILES="observability", PROMETHEUS_IMAGE="prometheus:test",
                       PROMETHEUS_PORT=free_port())
    starting.key, starting.keys = key, keys
    with starting as running:
        yield running
    assert running.left() == [] and island.managed() == []


@pytest.fixture(scope="module")
def gateway(project):
    with Front(project, project.key) as front:
        yield front


# ---- it serves: the tests of any gateway that ask nothing but it ----

globals().update({name: test for name, test in vars(test_gateway).items()
                  if name.startswith("test_") and name != "test_the_curl_line"
                  and list(inspect.signature(test).parameters)[:1] == ["gateway"]})


def test_a_settings_file_reaches_it(gateway):
    assert gateway.execute("print(1)", timeout=25)[0] == 200
    status, problem = gateway.execute("print(1)", timeout=26)
    assert (status, problem["errors"][0]["field"]) == (422, "timeout")


def test_both_runtimes_are_there(gateway):
    assert gateway.execute("import numpy; print(numpy.ones(3).sum())", runtime="python-data")[1]["stdout"] == "3.0\n"


# ---- who may do what ----

def test_who_has_no_key_is_refused_and_keys_are_read_anew(gateway, project):
    stranger = Front(project, "mf_nobodys")
    assert stranger.execute("print(1)")[0] == 401
    key, entry = new_key("second")
    file = json.loads(project.keys.read_text(encoding="ascii"))
    project.keys.write_text(json.dumps({"keys": [*file["keys"], entry]}), encoding="ascii")
    project.compose("kill", "-s", "HUP", "front")
    wait_until(lambda: project.events("front", "keys_read"), "the keys are read")
    assert Front(project, key).execute("print(1)")[0] == 200


@pytest.mark.parametrize("service", ["front", "broker"])
def test_a_role_is_healthy_and_has_no_rights(gateway, project, service):
    container = project.container(service)
    wait_until(lambda: project.container(service)["State"]["Health"]["Status"] == "healthy", f"{service} is healthy")
    with open(f"/proc/{container['State']['Pid']}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    assert int(status["CapBnd"], 16) == int(status["CapEff"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    host = container["HostConfig"]
    assert host["ReadonlyRootfs"] and host["Memory"] and host["PidsLimit"]
    assert host["RestartPolicy"]["Name"] == "always"


def test_only_the_broker_has_the_engine_and_only_the_front_a_network(gateway, project):
    front, broker = project.container("front"), project.container("broker")
    engine = "/var/run/docker.sock"
    assert [engine in [mount["Destination"] for mount in each["Mounts"]] for each in (front, broker)] == [False, True]
    assert (front["Config"]["User"], broker["HostConfig"]["NetworkMode"]) == ("65534:65534", "none")


OUTSIDE, PORT = "192.0.2.2", 8080
KNOCK = f"import socket; socket.create_connection(({OUTSIDE!r}, {PORT}), 3)"


@pytest.fixture
def outside(island):
    """A machine beside the island, which has a server, and knows the way to the island's own address alone."""
    with Network() as beside:
        island.network.run("ip", "link", "add", "way", "type", "veth", "peer", "name", "way", "netns", str(beside.pid))
        for network, address in ((island.network, "192.0.2.1/24"), (beside, OUTSIDE + "/24")):
            network.run("ip", "address", "add", address, "dev", "way")
            network.run("ip", "link", "set", "way", "up")
        with socket_in(beside):
            yield beside


@contextlib.contextmanager
def socket_in(network):
    serve = ("import socket, sys, time\n"
             f"with socket.create_server(({OUTSIDE!r}, {PORT})) as server:\n"
             " print('ready', flush=True)\n while True: server.accept()")
    with subprocess.Popen(network.words(sys.executable, "-c", serve), stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout.readline() == b"ready\n"
            yield
        finally:
            server.kill()


def test_the_fronts_network_leads_nowhere(island, project, outside):
    def knock(network):
        return island.run("run", "--rm", "--network", network, "--entrypoint", "/usr/bin/python3", "mayfly-python:latest",
                          "-c", KNOCK)
    networks = project.container("front")["NetworkSettings"]["Networks"]
    assert list(networks) == [project.name + "_default"]
    assert knock("bridge").returncode == 0  # a way there is
    assert b"timed out" in knock(project.name + "_default").stderr


def test_prometheus_scrapes_it_by_the_rules(gateway, project):
    def ask(path):
        with project.engine.connect(int(project.settings["PROMETHEUS_PORT"])) as client:
            return client.request("GET", f"/api/v1/{path}").json()["data"]

    def is_scraped():
        return [sample["value"][1] for sample in ask("query?query=mayfly_ready")["result"]] == ["1"]

    wait_until(is_scraped, "Prometheus has scraped")
    assert [group["name"] for group in ask("rules")["groups"]] == ["mayfly"]


# ---- deaths and restarts ----

def test_a_role_that_is_killed_is_started_again(gateway, project):
    """Also one that had been told to read its keys again."""
    project.compose("kill", "-s", "HUP", "front")
    project.boxes_of_the_killed = project.engine.managed()
    for service in ("front", "broker"):
        pid = project.container(service)["State"]["Pid"]
        # From outside of Docker, which restarts nothing that it was told to end.
        subprocess.run(["kill", "-KILL", str(pid)], check=True)
        wait_until(lambda: project.container(service)["State"]["Pid"] not in (0, pid), f"another {service}")
        gateway.wait_health(200, timeout=60)
        assert gateway.execute("print('again')")[1]["stdout"] == "again\n"


def test_a_rolling_restart_under_load_fails_no_request(gateway, project):
    ended = len(project.events("broker", "run_ended"))
    with Load(gateway, CLIENTS) as load:
        load.wait_answered(CLIENTS)
        for service in ("front", "broker"):
            project.compose("restart", service)
            load.wait_answered(2 * CLIENTS)
    odd = [attempt for attempt in load.journal if attempt.status not in (0, 200, 503)]
    assert odd == []
    assert {attempt.detail for attempt in load.journal if attempt.status == 200} == {"success"}
    answered = load.answered()
    assert {attempt.token for attempt in load.journal} == set(answered), "a request was given up"
    # None ran twice, and none ran whose answer was lost.
    assert len(project.events("broker", "run_ended")) - ended == len(answered) == len(set(answered))


def test_what_a_killed_broker_left_is_removed_by_the_next(project):
    def left():
        return set(project.boxes_of_the_killed) & set(project.engine.managed())

    assert project.boxes_of_the_killed
    wait_until(lambda: not left(), "its boxes are gone", seconds=120)
