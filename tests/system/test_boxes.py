"""What a box is made with, in which order, and what happens to boxes that were there before."""

import json
import time

import pytest

from helpers import settled, until

MIB = 1 << 20


# ---- what was there before ----

def test_leftovers_past_their_deadline_are_removed_and_no_others(engine, start):
    past, future = str(int(time.time() * 1000) - 5000), str(int(time.time() * 1000) + 600_000)
    mine = {"mayfly.managed": "1", "mayfly.instance": "0badcafe"}
    old = engine.add_container("mayfly-0badcafe-1", mine | {"mayfly.deadline_ms": past})
    dead = engine.add_container("mayfly-0badcafe-2", mine | {"mayfly.deadline_ms": past}, "exited")
    live = engine.add_container("mayfly-0badcafe-3", mine | {"mayfly.deadline_ms": future})
    stranger = engine.add_container("database", {"app": "db"})
    start()
    engine.wait(lambda: old.id not in engine.containers and dead.id not in engine.containers,
                "the leftovers are removed")
    assert live.id in engine.containers and stranger.id in engine.containers
    engine.containers.pop(live.id)


def test_strays_are_removed_when_they_are_seen_twice(engine, start):
    """Ours that the pool does not know, others' that have ended or were never started; not one that lives."""
    gateway = start(MAYFLY_WARM=1, MAYFLY_ENGINE_TIMEOUT_MS=2000)
    settled(engine, 1)
    (begun,) = gateway.events("broker_started")
    future = str(int(time.time() * 1000) + 600_000)

    def add(number, state, instance="0badcafe", age_s=0):
        box = engine.add_container(f"mayfly-{instance}-{number}", {
            "mayfly.managed": "1", "mayfly.instance": instance, "mayfly.deadline_ms": future}, state)
        box.created -= age_s
        return box

    gone = [add(9001, "running", begun["instance"]), add(9002, "exited"), add(9003, "created", age_s=60)]
    spared = [add(9004, "running"), add(9005, "created")]
    engine.stop()
    gateway.wait_health(503)
    spared[0].state = "running"  # it has outlived its engine
    engine.start()               # which is when a gateway looks
    engine.wait(lambda: not {box.id for box in gone} & set(engine.containers), "the strays are removed", 20)
    assert {box.id for box in spared} <= set(engine.containers)
    until(lambda: len(gateway.events("box_reaped")) == len(gone), "each is told of")
    for box in spared:
        engine.containers.pop(box.id)


# ---- what a box is made with ----

def test_a_box_is_locked_down(engine, start):
    start(MAYFLY_WARM=3)
    settled(engine, 3)
    bodies = [call.body for call in engine.calls("create")]
    assert len({box.config["User"] for box in engine.ready()}) == 3, "each box has a uid of its own"
    for body in bodies:
        host = body["HostConfig"]
        assert body["Image"] == engine.images["mayfly-python:latest"]["Id"]
        assert body["Entrypoint"][0] == "/mayfly-init" and not body.get("Tty")
        assert body["User"].split(":")[0] not in ("", "0")
        assert body["NetworkDisabled"] is True and host["NetworkMode"] == "none" and host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"] and not host.get("CapAdd") and not host.get("Privileged")
        assert host["SecurityOpt"][0] == "no-new-privileges"
        profile = json.loads(host["SecurityOpt"][1].removeprefix("seccomp="))
        assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
        assert host["Memory"] == host["MemorySwap"] == 256 * MIB
        assert host["NanoCpus"] == 10**9 and 64 <= host["PidsLimit"] <= 80
        assert set(host["Tmpfs"]) == {"/box", "/tmp"}
        assert all("size=" in options for options in host["Tmpfs"].values())
        assert host["LogConfig"] == {"Type": "none", "Config": {}} or host["LogConfig"]["Type"] == "none"
        assert host["CgroupnsMode"] == "private" and host["IpcMode"] in ("private", "none")
        assert not host.get("AutoRemove") and not host.get("Binds")
        assert body["Labels"]["mayfly.managed"] == "1"
        assert int(body["Labels"]["mayfly.deadline_ms"]) > time.time() * 1000
        int(body["Labels"]["mayfly.instance"], 16)


@pytest.mark.parametrize("info, limit", [
    ({"CgroupVersion": "1", "KernelMemoryTCP": True}, 256 * MIB), ({"CgroupVersion": "1"}, None),
    ({"CgroupVersion": "1", "KernelMemoryTCP": False}, None), ({"CgroupVersion": "2", "KernelMemoryTCP": True}, None),
], ids=["known", "not known", "not there", "version 2"])
def test_sockets_have_a_limit_where_they_are_counted_apart(engine, start, info, limit):
    engine.info = info
    start(MAYFLY_WARM=1)
    settled(engine, 1)
    assert {call.body["HostConfig"].get("KernelMemoryTCP") for call in engine.calls("create")} == {limit}


def test_the_order_of_calls_for_a_box(engine, start):
    start(MAYFLY_WARM=1, MAYFLY_PARALLEL_STARTS=1)
    settled(engine, 1)
    kinds = [call.kind for call in engine.journal if call.kind in ("create", "attach", "start")]
    assert kinds == ["create", "attach", "start"] * 2  # the canary's box, and the warm one
