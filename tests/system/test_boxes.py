"""The calls and fields by which a box is made, their order, and the removal of boxes from before."""

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


def deletions(engine, box):
    return [call for call in engine.calls("delete") if call.subject == box.id]


def test_a_ghost_is_tried_once_told_once_and_holds_no_stop_up(engine, start):
    """What the list has although its removal was answered with 404; another gateway's, and one of ours."""
    past = str(int(time.time() * 1000) - 5000)
    labels = {"mayfly.managed": "1", "mayfly.deadline_ms": past}
    others = engine.add_ghost(labels | {"mayfly.instance": "0badcafe"})
    gateway = start(MAYFLY_WARM=1)
    engine.wait(lambda: deletions(engine, others), "its removal is tried")
    (begun,) = gateway.events("broker_started")
    own = engine.add_ghost(labels | {"mayfly.instance": begun["instance"]})
    for _ in range(2):
        engine.stop()
        gateway.wait_health(503)
        sweeps = len(engine.calls("list"))
        engine.start()  # which is when a gateway looks
        engine.wait(lambda: len(engine.calls("list")) > sweeps, "a sweep")
        gateway.wait_health(200)
    begun_at = time.monotonic()
    assert gateway.stop() == [0]
    stop_sweeps = engine.calls("list", since=begun_at)
    assert len(stop_sweeps) <= 2, "it is clean at once"
    assert [len(deletions(engine, ghost)) for ghost in (others, own)] == [1, 1]
    assert sorted(event["container"] for event in gateway.events("box_ghost")) == sorted([others.id, own.id])
    assert not gateway.events("box_reaped") and not gateway.events("sweep_unfinished")


def test_a_ghost_of_the_last_moment_holds_no_stop_up(engine, start):
    gateway = start(MAYFLY_WARM=1)
    (begun,) = gateway.events("broker_started")
    ghost = engine.add_ghost({"mayfly.managed": "1", "mayfly.instance": begun["instance"]})
    begun_at = time.monotonic()
    assert gateway.stop() == [0]
    assert len(engine.calls("list", since=begun_at)) == 2 and len(deletions(engine, ghost)) == 1
    assert not gateway.events("sweep_unfinished")


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
