"""`mayfly health`: the checks that a container or a pod asks the binary for."""

import json
import os
import signal
import socket
import subprocess

from gateway import BINARY


def health(gateway, *options, **settings):
    """(exit code, what it printed) of a check with the gateway's own settings."""
    env = {name: str(value) for name, value in {**os.environ, **gateway.settings, **settings}.items()}
    done = subprocess.run([BINARY, "health", *options], env=env, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout + done.stderr


def test_the_gateway_is_healthy_while_a_run_would_work(engine, start):
    gateway = start()
    code, text = health(gateway)
    assert code == 0 and json.loads(text)["status"] == "healthy"
    engine.stop()
    gateway.wait_health(503)
    code, text = health(gateway)
    engine.start()
    assert code == 1 and "engine" in text
    gateway.wait_health()


def test_nobody_at_the_door_is_unhealthy(start):
    gateway = start()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        code, text = health(gateway, MAYFLY_LISTEN="127.0.0.1:%d" % free.getsockname()[1])
    assert code == 1 and "nothing answers" in text


def test_a_broker_lives_with_or_without_its_engine(engine, start):
    gateway = start(apart=True)
    assert health(gateway, "--broker") == (0, "ready\n")
    engine.stop()
    gateway.wait_health(503)
    code, text = health(gateway, "--broker")
    engine.start()
    assert code == 0 and "ready" not in text
    gateway.wait_health()


def test_a_broker_is_ready_while_a_run_would_work(engine, start):
    gateway = start(apart=True)
    assert health(gateway, "--ready") == (0, "ready\n")
    engine.stop()
    gateway.wait_health(503)
    code, text = health(gateway, "--ready")
    engine.start()
    assert code == 1 and "engine" in text
    gateway.wait_health()


def test_a_broker_that_is_gone_or_stuck_is_not_alive(start):
    gateway = start(apart=True)
    broker = gateway.pids()["broker"]
    os.kill(broker, signal.SIGSTOP)
    try:
        assert health(gateway, "--broker")[0] == 1
    finally:
        os.kill(broker, signal.SIGCONT)
    code, text = health(gateway, "--broker", MAYFLY_WIRE_SOCKET=gateway.settings["MAYFLY_WIRE_SOCKET"] + "x")
    assert code == 1 and "no broker answers" in text


def test_a_health_check_of_the_broker_is_no_news(start):
    gateway = start(apart=True)
    for _ in range(3):
        assert health(gateway, "--broker")[0] == 0
    assert not gateway.events("front_lost") and not gateway.events("front_refused")
