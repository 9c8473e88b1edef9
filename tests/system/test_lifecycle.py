"""Start, stop, and the death of any part: the answers that clients get, and the traces that remain."""

import os
import signal
import socket
import subprocess
import time

import pytest

from faults import FOREVER, hang, slow
from gateway import BINARY, EXECUTE
from helpers import gated, running, settled, until

JSON = [("content-type", "application/json")]


def refuses(gateway, method="GET", path="/readyz"):
    """Whether the door is shut: no connection, or 503."""
    try:
        return gateway.request(method, path, b'{"code":"x"}', JSON).status == 503
    except OSError:
        return True


def gone(pid):
    return not os.path.exists(f"/proc/{pid}")


# ---- the end that was asked for ----

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda n: n.name)
def test_a_stop_lets_runs_finish_and_leaves_nothing(engine, start, number):
    gateway = start(MAYFLY_WARM=3)
    clients = [gateway.post(gated("g", stdout="kept")) for _ in range(2)]
    running(engine, 2)
    gateway.process.popen.send_signal(number)
    until(lambda: refuses(gateway), "it is not ready any more")
    assert refuses(gateway, "POST", EXECUTE)
    assert gateway.process.popen.poll() is None, "it waits for its runs"
    engine.open("g")
    for client in clients:
        response = client.receive()
        assert response.status == 200 and response.json()["stdout"] == "kept"
        client.close()
    assert gateway.process.wait() == 0
    assert not engine.managed()


def test_an_idle_gateway_stops_at_once(engine, start):
    gateway = start(MAYFLY_WARM=4)
    begun = time.monotonic()
    assert gateway.stop() == [0]
    assert time.monotonic() - begun < 3
    assert not engine.managed()


def test_an_idle_front_that_lingers_refuses_until_it_is_told_again(start):
    gateway = start(apart=True, MAYFLY_LINGER_MS=30000)
    gateway.process.popen.send_signal(signal.SIGTERM)
    gateway.wait_health(503)
    for _ in range(3):
        assert gateway.request("POST", EXECUTE, b'{"code":"x"}', JSON).status == 503
    gateway.process.popen.send_signal(signal.SIGTERM)
    assert gateway.process.wait() == 0


@pytest.mark.parametrize("settings", [{"MAYFLY_LINGER_MS": 500}, {"MAYFLY_LINGER_MS": 3600000, "MAYFLY_DRAIN_MS": 500}],
                         ids=["alone", "no longer than the drain"])
def test_lingering_ends(start, settings):
    gateway = start(**settings)
    assert gateway.stop() == [0]


def test_a_stop_during_the_first_starts_leaves_nothing(engine, start):
    for kind in ("create", "attach", "start"):
        engine.script(kind, slow(0.1), count=FOREVER)
    gateway = start(MAYFLY_WARM=8, wait_ready=False)
    engine.wait(lambda: engine.calls("start"), "the first start")
    assert gateway.stop() == [0]
    assert not engine.managed()


def test_a_stop_removes_what_the_engine_made_too_late(engine, start):
    """A create that was given up, and was gone when it was to be removed, may still succeed."""
    gateway = start(MAYFLY_WARM=1, MAYFLY_PARALLEL_STARTS=1, MAYFLY_ENGINE_TIMEOUT_MS=300)
    settled(engine, 1)
    engine.script("create", slow(1.5))
    gateway.execute({})
    late = engine.wait(lambda: [call.subject for call in engine.calls("delete") if call.status == 404],
                       "it is given up")
    engine.wait(lambda: [box for box in engine.managed() if box.name == late[0]], "it is made")
    assert gateway.stop() == [0]
    assert not engine.managed()


def test_a_stop_while_the_engine_is_away_ends(engine, start):
    gateway = start()
    engine.stop()
    gateway.wait_health(503, "/health")
    assert gateway.stop(timeout=30) == [0]
    engine.containers.clear()


def test_a_last_sweep_that_the_engine_does_not_answer_is_not_told_as_boxes_left(engine, start):
    for kind in ("version", "list"):
        engine.script(kind, hang(), count=FOREVER)
    gateway = start(wait_ready=False, MAYFLY_ENGINE_TIMEOUT_MS=60000)
    assert gateway.stop() == [0]
    assert [event["level"] for event in gateway.events("sweep_unfinished")] == ["warning"]
    assert not gateway.events("boxes_left")


def test_runs_that_wait_are_answered_at_the_stop(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    first = gateway.post(gated("g"))
    running(engine, 1)
    waiting = gateway.client()
    assert waiting.request("GET", "/livez").status == 200
    waiting.post({"code": '{"stdout":"late"}'})
    gateway.process.popen.send_signal(signal.SIGTERM)
    until(lambda: refuses(gateway), "it is not ready any more")
    engine.open("g")
    assert first.receive().status == 200
    assert waiting.receive().status in (200, 503)
    assert gateway.process.wait() == 0
    first.close()
    waiting.close()


def test_the_drain_has_a_deadline(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_DRAIN_MS=1000)
    client = gateway.post(gated("never"))
    running(engine, 1)
    begun = time.monotonic()
    gateway.process.popen.send_signal(signal.SIGTERM)
    try:
        response = client.receive()
        assert response.status == 200 and response.json()["status"] == "failed"
    except ConnectionError:
        pass
    gateway.process.wait()
    assert 0.9 < time.monotonic() - begun < 8
    assert not engine.managed()
    client.close()


# ---- the end that was not ----

def test_the_death_of_the_front_ends_the_service(engine, start):
    gateway = start(MAYFLY_WARM=2)
    client = gateway.post(gated("g"))
    running(engine, 1)
    pids = gateway.pids()
    os.kill(pids["front"], signal.SIGKILL)
    with pytest.raises(ConnectionError):
        client.receive()
    assert gateway.process.wait() != 0
    assert gone(pids["broker"]) and not engine.managed()
    assert engine.runs[0].end in ("canceled", "killed")


def test_the_death_of_the_broker_is_answered_and_ends_the_service(engine, start):
    gateway = start(MAYFLY_WARM=2)
    client = gateway.post(gated("g"))
    running(engine, 1)
    pids = gateway.pids()
    os.kill(pids["broker"], signal.SIGKILL)
    response = client.receive()
    assert response.status == 200 and response.json()["status"] == "failed"
    assert gateway.process.wait() != 0
    assert gone(pids["front"])
    engine.wait(lambda: not engine.managed("running"), "every init has seen its stdin close")
    engine.containers.clear()


def test_the_death_of_the_supervisor_takes_its_children_along(engine, start):
    gateway = start(MAYFLY_WARM=2)
    pids = gateway.pids()
    gateway.process.popen.kill()
    gateway.process.wait()
    until(lambda: gone(pids["front"]) and gone(pids["broker"]), "the children end")
    engine.wait(lambda: not engine.managed("running"), "no box is left running")
    engine.containers.clear()


# ---- front and broker apart ----

def test_apart_they_do_the_same(engine, start):
    gateway = start(apart=True)
    assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"
    assert gateway.stop() == [0, 0]
    assert not engine.managed()


def test_the_front_finds_a_broker_that_comes_back(engine, start):
    gateway = start(apart=True)
    client = gateway.post(gated("g"))
    running(engine, 1)
    broker = gateway.processes[0]
    broker.popen.kill()
    broker.wait()
    response = client.receive()
    assert response.status == 200 and response.json()["status"] == "failed"
    gateway.wait_health(503, "/health")
    code, answer = gateway.execute({})
    assert code == 503, answer
    engine.wait(lambda: not engine.managed("running"), "the boxes of the dead broker end")
    engine.containers.clear()
    gateway.processes[0] = type(broker)("broker", gateway.settings)
    gateway.wait_health(200)
    assert gateway.execute({"stdout": "again"})[1]["stdout"] == "again"


def test_the_broker_outlives_a_front_and_takes_the_next(engine, start):
    gateway = start(apart=True)
    client = gateway.post(gated("never"))
    running(engine, 1)
    front = gateway.processes[1]
    front.popen.kill()
    front.wait()
    engine.wait(lambda: engine.runs[0].end, "the run that nobody waits for is canceled")
    gateway.processes[1] = gateway.process = type(front)("front", gateway.settings)
    gateway.wait_health(200)
    assert gateway.execute({"stdout": "again"})[1]["stdout"] == "again"
    client.close()


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", b"\x01\x01\0\0\xff\xff\xff\xff" + bytes(8),
                                  b"\x01\x01\0\0\0\0\0\0" + bytes(8), b"\x17\x01" + bytes(14),
                                  bytes(3)], ids=repr)
def test_the_broker_survives_a_stranger_on_its_socket(engine, start, data):
    gateway = start(apart=True)
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(gateway.settings["MAYFLY_WIRE_SOCKET"])
        stranger.sendall(data)
        stranger.shutdown(socket.SHUT_WR)
    gateway.wait_health(200)
    assert gateway.execute({"stdout": "fine"})[1]["stdout"] == "fine"


# ---- who may do what ----

@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give its rights away")
def test_the_front_has_no_rights(engine, start):
    gateway = start()
    pid = gateway.pids()["front"]
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        rows = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    assert "0" not in rows["Uid"].split() and "0" not in rows["Gid"].split()
    assert rows["NoNewPrivs"] == "1" and int(rows["CapEff"], 16) == int(rows["CapPrm"], 16) == 0
    assert rows["Groups"].split() in ([], [rows["Gid"].split()[0]])
    held = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    assert not [name for name in held if "docker" in name]


CAP_DAC_OVERRIDE = 1 << 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give its rights away")
@pytest.mark.parametrize("owner, kept", [(0, 0), (65534, CAP_DAC_OVERRIDE)], ids=["root's", "another's"])
def test_the_broker_keeps_what_the_engines_socket_needs(engine, start, owner, kept):
    os.chown(engine.path, owner, owner)
    os.chmod(engine.path, 0o600)
    gateway = start()
    with open(f"/proc/{gateway.pids()['broker']}/status", encoding="ascii") as file:
        rows = dict(line.rstrip("\n").split(":\t", 1) for line in file)
    sets = {name: int(rows[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
    assert sets == {"CapInh": 0, "CapPrm": kept, "CapEff": kept, "CapBnd": kept, "CapAmb": 0}
    assert gateway.execute({"stdout": "fine"})[1]["stdout"] == "fine"


# ---- settings and logs ----

@pytest.mark.parametrize("name, value", [
    ("MAYFLY_LISTEN", "nonsense"), ("MAYFLY_WARM", "-1"), ("MAYFLY_WARM", "many"),
    ("MAYFLY_MAX_BOXES", "0"), ("DOCKER_HOST", "tcp://127.0.0.1:2375"), ("MAYFLY_CPUS", "1.2.3"),
    ("MAYFLY_TIMEOUT_MS", "5"), ("MAYFLY_USER", "no-such-user-here"),
])
def test_a_bad_setting_stops_the_start_and_is_named(engine, start, name, value):
    gateway_settings = {"wait_ready": False, name: value}
    with pytest.raises(AssertionError, match="ended early"):
        start(**gateway_settings)
    assert not engine.managed()


@pytest.mark.parametrize("tls", [{}, {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}], ids=["plain", "tls"])
@pytest.mark.parametrize("role", ["serve", "broker", "check"])
def test_an_engine_behind_a_network_is_refused_and_told_why(role, tls):
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        port.listen()
        port.setblocking(False)
        host = "tcp://127.0.0.1:%d" % port.getsockname()[1]
        done = subprocess.run([BINARY, role], env={"DOCKER_HOST": host, **tls}, capture_output=True, text=True,
                              timeout=60, check=False)
        with pytest.raises(BlockingIOError):
            port.accept()
    said = done.stdout + done.stderr
    assert done.returncode not in (0, None), done
    assert f"DOCKER_HOST is \"{host}\"" in said.replace("\\", ""), said
    assert "root on its host" in said and "Run Mayfly, or its broker, on that host" in said


def test_a_port_in_use_stops_the_start(engine, start):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(AssertionError, match="ended early"):
            start(wait_ready=False, MAYFLY_LISTEN="127.0.0.1:%d" % taken.getsockname()[1])
    engine.wait(lambda: not engine.managed(), "no box is left")


def test_every_log_line_is_json_and_none_tells_code_or_output(engine, start):
    gateway = start()
    secrets = {"stdout": "SECRET-OUT", "stderr": "SECRET-ERR"}
    gateway.execute(secrets, stdin="SECRET-IN", args=["SECRET-ARG"], env={"SECRET_NAME": "SECRET-ENV"})
    gateway.execute({"exit": 3, **secrets})
    gateway.execute({"sleep_ms": 60000, **secrets}, timeout=1)
    gateway.execute({"lose": "after_started"})
    gateway.post({"code": "SECRET-CODE", "SECRET-FIELD": 1}).receive()
    gateway.post(b'{"SECRET').receive()
    assert gateway.stop() == [0]
    assert "SECRET" not in gateway.log()
    events = gateway.events()
    assert {event["role"] for event in events} >= {"front", "broker"}
    assert all(isinstance(event["event"], str) for event in events)
    assert len([event for event in events if event.get("run_id")]) >= 4
