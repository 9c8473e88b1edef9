"""deploy/swarm on a swarm of two: each node serves, and a proxy in front of them hides the failure of one."""

import json
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

import pytest

from gateway import EXECUTE
from load import Load
from waiting import wait_until

CLIENTS = 6


def prints(answer):
    assert answer[0] == 200, answer
    return answer[1]["stdout"]


def run_through(gateway, code, headers=(), path=EXECUTE):
    with gateway.post({"code": code}, path, headers) as client:
        return client.receive()


# ---- it serves ----

@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("runtime", ["python", "python-data"])
def test_each_node_serves_who_has_a_key(stack, keys, number, runtime):
    address = stack.nodes[number].address
    with stack.gateway(keys[0][0], address, 8000) as node:
        assert prints(node.execute("print(2 + 2)", runtime=runtime)) == "4\n"
    stranger = stack.gateway("mf_nobodys", address, 8000)
    assert stranger.execute("print(2 + 2)")[0] == 401


def test_the_proxy_uses_each_node(gateway, stack):
    def runs():
        return Counter(node for node, _ in stack.events("broker", "run_ended"))

    before = runs()
    for _ in range(4):
        assert prints(gateway.execute("print(2 + 2)")) == "4\n"
    assert set(runs() - before) == set(stack.nodes)
    assert stack.gateway("mf_nobodys").execute("print(2 + 2)")[0] == 401


def test_an_execution_is_found_where_it_is(gateway):
    made = [run_through(gateway, f"print({number})", path="/api/v1/executions") for number in range(4)]
    for number, response in enumerate(made):
        answer = gateway.request("GET", response.headers["location"] + "?wait=20").json()
        assert (answer["status"], answer["stdout"]) == ("success", f"{number}\n")


def test_an_idempotency_key_means_one_run(gateway):
    answers = [run_through(gateway, "print(1)", [("idempotency-key", "once")]).json() for _ in range(4)]
    assert len({answer["id"] for answer in answers}) == 1


def test_who_hangs_up_cancels(gateway, stack, keys):
    nodes = [stack.gateway(keys[0][0], node.address, 8000) for node in stack.nodes]
    client = gateway.post({"code": "import time; print(flush=True); time.sleep(30)", "timeout": 30})
    wait_until(lambda: any(node.metrics().value("mayfly_runs_running") for node in nodes), "it runs")
    client.hang_up()
    wait_until(lambda: stack.events("broker", "run_canceled") != [], "it is canceled")


@pytest.mark.parametrize("service", ["front", "broker"])
def test_a_role_has_no_rights(stack, service):
    tasks = stack.containers(service)
    assert len(tasks) == 2
    for _, container in tasks:
        status = (Path("/proc") / str(container["State"]["Pid"]) / "status").read_text(encoding="ascii")
        fields = dict(line.split(":\t", 1) for line in status.splitlines())
        assert int(fields["CapBnd"], 16) == int(fields["CapEff"], 16) == 0
        assert fields["Seccomp"] == "2"
        host = container["HostConfig"]
        assert host["ReadonlyRootfs"] and host["Memory"] and host["PidsLimit"] == 64


def test_only_the_broker_has_the_engine_and_only_the_front_a_way_out(stack):
    for service, has_engine, has_way in (("front", False, True), ("broker", True, False)):
        for _, container in stack.containers(service):
            assert ("/var/run/docker.sock" in [each["Destination"] for each in container["Mounts"]]) == has_engine
            routes = Path(f"/proc/{container['State']['Pid']}/net/route").read_text(encoding="ascii").splitlines()[1:]
            assert ("00000000" in [route.split()[1] for route in routes]) == has_way


# ---- what happens to it ----

def test_an_update_fails_no_request(gateway, stack, keys):
    """First of the brokers, then of the fronts, which get other keys with it."""
    ended = len(stack.events("broker", "run_ended"))
    with Load(gateway, CLIENTS) as load:
        load.wait_answered(CLIENTS)
        assert stack.update("broker", "--image=mayfly:2") == "completed"
        load.wait_answered(2 * CLIENTS)
        secret = "source=mayfly-keys-2,target=keys.json,uid=65534,gid=65534,mode=0400"
        assert stack.update("front", "--image=mayfly:2", "--secret-rm=mayfly-keys", f"--secret-add={secret}") == "completed"
        load.wait_answered(2 * CLIENTS)
    assert [attempt for attempt in load.journal if (attempt.status, attempt.detail) != (200, "success")] == []
    answered = load.answered()
    assert len(stack.events("broker", "run_ended")) - ended == len(answered) == len(set(answered))
    images = {container["Config"]["Image"] for role in ("front", "broker") for _, container in stack.containers(role)}
    assert images == {"mayfly:2"}
    assert prints(stack.gateway(keys[1][0]).execute("print(2)")) == "2\n"


def test_a_bad_update_is_taken_back_and_fails_no_request(gateway, stack):
    with Load(gateway, CLIENTS) as load:
        load.wait_answered(CLIENTS)
        assert stack.update("broker", "--env-add=MAYFLY_WARM=many") == "rollback_completed"
        load.wait_answered(2 * CLIENTS)
    assert [attempt for attempt in load.journal if (attempt.status, attempt.detail) != (200, "success")] == []


def test_a_node_that_dies_takes_nothing_but_what_it_ran(gateway, stack, proxy):
    lost = stack.nodes[1]
    with Load(gateway, CLIENTS) as load:
        load.wait_answered(2 * CLIENTS)
        proxy.wait_said(b"Server nodes/two is DOWN", lost.power_fails)
        moment = datetime.now(timezone.utc).isoformat()
        load.wait_each()
        load.wait_answered(2 * CLIENTS)
        proxy.wait_said(b"Server nodes/two is UP", lost.power_returns)
        load.wait_answered(2 * CLIENTS)
    assert {attempt.detail for attempt in load.journal if attempt.status == 200} == {"success"}
    refused = [attempt for attempt in load.journal if attempt.status != 200]
    assert [attempt for attempt in refused if attempt.status not in (502, 503)] == []
    assert sum(json.loads(attempt.detail)["code"] == "node_lost" for attempt in refused) <= CLIENTS
    assert {attempt.token for attempt in load.journal} == set(load.answered()), "a request was given up"
    stack.wait_running()
    wait_until(lambda: all(box["Created"] > moment for box in lost.inspect(lost.managed())),
               "what the dead broker left is removed by the next", seconds=120)
