"""The pool: boxes kept warm, runs that wait, and who is served when."""

import json
import time

import pytest

from engine import FOREVER, Boot, hang, slow, status

MIB = 1 << 20


def settled(engine, count):
    """Wait until exactly `count` boxes are READY, and no others exist."""
    engine.wait(lambda: len(engine.ready()) == count and len(engine.managed()) == count,
                f"{count} boxes ready, and no other")


def gated(gate, **fields):
    return {"code": json.dumps({"gate": gate, **fields}), "timeout": 20}


def running(engine, count):
    engine.wait(lambda: len([run for run in engine.runs if not run.end]) == count, f"{count} runs")


def names(boxes):
    return {box.name for box in boxes}


def test_the_configured_number_is_kept_warm_and_not_more(engine, start):
    start(MAYFLY_WARM=5)
    settled(engine, 5)
    assert len(engine.calls("create")) == 5


def test_a_warm_box_is_used_and_replaced_at_once(engine, start):
    gateway = start(MAYFLY_WARM=3)
    settled(engine, 3)
    before = names(engine.ready())
    with gateway.post(gated("g")) as client:
        running(engine, 1)
        engine.wait(lambda: len(engine.ready()) == 3, "three ready beside the one that runs")
        engine.open("g")
        answer = client.receive().json()
    assert answer["start"] == "warm" and engine.runs[0].box in before
    settled(engine, 3)


def test_a_box_serves_one_run_only(engine, start):
    gateway = start(MAYFLY_WARM=2)
    for _ in range(12):
        assert gateway.execute({})[0] == 200
    assert len({run.box for run in engine.runs}) == 12


def test_without_warm_boxes_each_run_starts_cold(engine, start):
    gateway = start(MAYFLY_WARM=0)
    status_, answer = gateway.execute({"stdout": "x"})
    assert (status_, answer["start"]) == (200, "cold")
    settled(engine, 0)


def test_limits_of_its_own_start_cold_in_a_box_made_for_them(engine, start):
    gateway = start(MAYFLY_WARM=2)
    settled(engine, 2)
    _, answer = gateway.execute({}, limits={"memory_bytes": 96 * MIB, "pids": 20, "cpus": 0.25})
    assert answer["start"] == "cold"
    settled(engine, 2)
    host = [call.body["HostConfig"] for call in engine.calls("create")]
    made = [h for h in host if h["Memory"] == 96 * MIB]
    assert len(made) == 1
    assert made[0]["MemorySwap"] == 96 * MIB
    assert made[0]["PidsLimit"] >= 20 and made[0]["NanoCpus"] == 250_000_000


def test_the_default_limits_spelled_out_are_served_warm(engine, start):
    gateway = start(MAYFLY_WARM=2)
    settled(engine, 2)
    _, answer = gateway.execute({}, limits={"memory_bytes": 256 * MIB, "cpus": 1, "pids": 64,
                                            "output_bytes": 100})
    assert answer["start"] == "warm"


def test_parallel_starts_are_bounded(engine, start):
    engine.boot_s = 0.05
    start(MAYFLY_WARM=8, MAYFLY_PARALLEL_STARTS=2)
    settled(engine, 8)
    begun = sorted(call.time for call in engine.calls("create"))
    assert begun[7] - begun[0] >= 3 * 0.05 * 0.9


def test_no_more_boxes_than_allowed_and_waiting_runs_in_order_of_arrival(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=3)
    first = [gateway.post(gated("first")) for _ in range(3)]
    running(engine, 3)
    later = [gateway.client() for _ in range(12)]
    for client in later:
        assert client.request("GET", "/livez").status == 200
    for number, client in enumerate(later):
        client.post({"code": json.dumps({"stdout": str(number), "sleep_ms": 5})})
    time.sleep(0.05)
    assert len(engine.managed()) <= 3 and len(engine.runs) == 3
    engine.open("first")
    assert [client.receive().status for client in first] == [200] * 3
    answers = [client.receive().json() for client in later]
    assert [answer["stdout"] for answer in answers] == [str(n) for n in range(12)]
    served = [json.loads(run.job.source)["stdout"] for run in engine.runs[3:]]
    assert [int(text) for text in served] == sorted(int(text) for text in served)
    for client in first + later:
        client.close()


def test_a_full_queue_answers_503_with_retry_after(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_MAX_WAITING=2)
    clients = [gateway.post(gated("g"))]
    running(engine, 1)
    refused = []
    for _ in range(5):
        client = gateway.post(gated("g"))
        clients.append(client)
    deadline = time.monotonic() + 5
    for client in clients[1:]:
        client.socket.settimeout(0.2)
        try:
            refused.append(client.receive())
        except TimeoutError:
            client.socket.settimeout(20)
    assert len(refused) == 3 and time.monotonic() < deadline
    for response in refused:
        assert response.status == 503 and int(response.headers["retry-after"]) >= 1
        assert response.headers["content-type"] == "application/problem+json"
    engine.open("g")
    answers = [c.receive().status for c in clients if c.socket.gettimeout() > 1]
    assert answers == [200] * 3 and len(engine.runs) == 3
    for client in clients:
        client.close()


def test_the_wait_for_a_box_has_a_deadline(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_QUEUE_TIMEOUT_MS=1000)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        begun = time.monotonic()
        code, answer = gateway.execute({})
        assert code == 503, answer
        assert 0.9 < time.monotonic() - begun < 5
        engine.open("g")
        assert first.receive().status == 200
    assert len(engine.runs) == 1


def test_ready_boxes_are_retired_at_their_age(engine, start):
    gateway = start(MAYFLY_WARM=2, MAYFLY_BOX_AGE_MS=1000)
    settled(engine, 2)
    before = names(engine.ready())
    engine.wait(lambda: len(engine.ready()) == 2 and not before & names(engine.managed()),
                "both boxes replaced by younger ones")
    assert gateway.execute({})[0] == 200


def test_dead_ready_boxes_are_replaced(engine, start):
    gateway = start(MAYFLY_WARM=3)
    settled(engine, 3)
    before = names(engine.ready())
    for box in engine.ready():
        engine.crash(box)
    engine.wait(lambda: len(engine.ready()) == 3 and not before & names(engine.managed()),
                "three new boxes")
    assert gateway.execute({})[0] == 200
    settled(engine, 3)


def test_hanging_up_cancels_the_run(engine, start):
    gateway = start(MAYFLY_WARM=1)
    client = gateway.post(gated("never"))
    running(engine, 1)
    client.hang_up()
    engine.wait(lambda: engine.runs[0].end in ("cancelled", "killed"), "the run is cancelled")
    settled(engine, 1)


def test_hanging_up_while_waiting_gives_up_the_place(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_MAX_WAITING=1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        gateway.post(gated("g")).hang_up()
        _until(lambda: _waits(gateway), "the place is free again")
        engine.open("g")
        assert first.receive().status == 200
    settled(engine, 1)
    assert len(engine.runs) == 1


def _waits(gateway):
    """Whether a run sent now is let into the queue; it hangs up again."""
    with gateway.post(gated("g")) as client:
        client.socket.settimeout(0.2)
        try:
            return client.receive().status == 200
        except TimeoutError:
            return True


def _until(condition, what, timeout=10):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


# ---- the engine fails ----

@pytest.mark.parametrize("kind", ["create", "attach", "start"])
def test_a_failing_engine_is_asked_with_back_off_and_recovery_is_quick(engine, start, kind):
    gateway = start(MAYFLY_WARM=2)
    settled(engine, 2)
    engine.script(kind, status(500), count=FOREVER)
    for box in engine.ready():
        engine.crash(box)
    gateway.wait_health(503, "/health")
    assert gateway.request("GET", "/health").json()["status"] != "healthy"
    code, answer = gateway.execute({})
    assert code == 503 and answer["status"] == 503
    begun = time.monotonic()
    time.sleep(1.5)
    assert len(engine.calls("create", since=begun)) <= 20
    engine.heal()
    healed = time.monotonic()
    gateway.wait_health(200, "/health", timeout=5)
    assert gateway.execute({})[0] == 200
    assert time.monotonic() - healed < 3
    settled(engine, 2)
    assert not [run for run in engine.runs if run.job.source == b"{}"][1:]


def test_an_engine_restart_is_survived(engine, start):
    gateway = start(MAYFLY_WARM=2)
    with gateway.post(gated("g")) as client:
        running(engine, 1)
        engine.stop()
        response = client.receive()
    assert response.status == 200 and response.json()["status"] == "failed"
    gateway.wait_health(503, "/health")
    begun = time.monotonic()
    code, _ = gateway.execute({})
    assert code == 503 and time.monotonic() - begun < 3
    engine.start()
    back = time.monotonic()
    gateway.wait_health(200, "/health", timeout=5)
    assert gateway.execute({})[0] == 200
    assert time.monotonic() - back < 2.5
    settled(engine, 2)


def test_an_engine_that_comes_later_is_found(engine, start):
    engine.stop()
    gateway = start(wait_ready=False)
    assert gateway.request("GET", "/livez").status == 200
    assert gateway.request("GET", "/readyz").status == 503
    assert gateway.execute({})[0] == 503
    engine.start()
    gateway.wait_health(200, timeout=5)
    assert gateway.execute({})[0] == 200


def test_a_missing_image_is_named_in_the_health_page(engine, start):
    images, engine.images = engine.images, {}
    gateway = start(wait_ready=False)
    page = gateway.wait_health(503, "/health")
    assert "image" in page.body.decode()
    engine.images = images
    gateway.wait_health(200, timeout=5)


def test_an_image_that_speaks_another_protocol_is_refused(engine, start):
    engine.add_image("mayfly-python:latest", mayfly_protocol="99")
    gateway = start(wait_ready=False)
    assert "protocol" in gateway.wait_health(503, "/health").body.decode()
    assert not engine.calls("create")
    engine.add_image("mayfly-python:latest")
    gateway.wait_health(200, timeout=5)


def test_a_limit_that_the_engine_drops_is_a_failure(engine, start):
    engine.warnings = ["Your kernel does not support swap limit capabilities"]
    gateway = start(wait_ready=False)
    page = gateway.wait_health(503, "/health")
    assert gateway.execute({})[0] == 503 and not engine.runs
    assert page.status == 503
    engine.warnings = []
    gateway.wait_health(200, timeout=5)


@pytest.mark.parametrize("api, minimum, good", [
    ((1, 52), (1, 44), True), ((1, 41), (1, 12), True), ((1, 40), (1, 12), False),
    ((1, 90), (1, 80), False),
], ids=str)
def test_the_version_is_negotiated(engine, start, api, minimum, good):
    engine.api, engine.min_api = api, minimum
    gateway = start(wait_ready=False)
    if good:
        gateway.wait_health(200)
        assert gateway.execute({})[0] == 200
    else:
        gateway.wait_health(503, "/health")
        assert not engine.managed()


BOOTS = {
    "dies": Boot(die=True),
    "dies with a last word": Boot(die=True, stderr=b"mayfly-init: no template\n"),
    "garbage": Boot(ready=False, stdout=b"Segmentation fault\n" * 10),
    "huge engine frame": Boot(ready=False, raw=b"\x01\0\0\0\xff\xff\xff\xff"),
    "bad engine frame": Boot(ready=False, raw=b"HTTP/1.1 200 OK\r\n\r\n"),
    "daemon's error text": Boot(ready=False, raw=b"\x03\0\0\0\0\0\0\x05oops!"),
    "half a frame": Boot(ready=False, die=True, stdout=b"\x10\x01\0"),
    "never ready": Boot(ready=False),
}


@pytest.mark.parametrize("boot", BOOTS.values(), ids=BOOTS)
def test_a_box_that_does_not_get_ready_is_replaced(engine, start, boot):
    engine.script("boot", boot, count=2)
    gateway = start(MAYFLY_WARM=2, MAYFLY_ENGINE_TIMEOUT_MS=1000)
    settled(engine, 2)
    assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"


def test_chatter_of_init_on_stderr_is_harmless(engine, start):
    engine.script("boot", Boot(stderr=b"mayfly-init: cgroup v1\n" * 3), count=FOREVER)
    gateway = start()
    assert gateway.execute({"stderr": "mine"})[1]["stderr"] == "mine"


@pytest.mark.parametrize("fault", [status(500), status(409), hang(), hang(after=True)], ids=str)
def test_removal_is_repeated_until_the_box_is_gone(engine, start, fault):
    gateway = start(MAYFLY_WARM=1, MAYFLY_ENGINE_TIMEOUT_MS=1000)
    engine.script("delete", fault, count=2)
    begun = time.monotonic()
    assert gateway.execute({"stdout": "x"})[1]["stdout"] == "x"
    assert time.monotonic() - begun < 0.9, "nobody waits for the removal"
    settled(engine, 1)


def test_a_slow_engine_delays_and_does_not_fail(engine, start):
    for kind in ("create", "attach", "start"):
        engine.script(kind, slow(0.2), count=FOREVER)
    gateway = start(MAYFLY_WARM=1)
    assert [gateway.execute({})[0] for _ in range(3)] == [200] * 3


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


# ---- what a box is made with ----

def test_a_box_is_locked_down(engine, start):
    start(MAYFLY_WARM=3)
    settled(engine, 3)
    bodies = [call.body for call in engine.calls("create")]
    assert len({body["User"] for body in bodies}) == 3, "each box has a uid of its own"
    for body in bodies:
        host = body["HostConfig"]
        assert body["Image"] == engine.images["mayfly-python:latest"]["Id"]
        assert body["Entrypoint"][0] == "/mayfly-init" and not body.get("Tty")
        assert body["User"].split(":")[0] not in ("", "0")
        assert host["NetworkMode"] == "none" and host["ReadonlyRootfs"] is True
        assert host["CapDrop"] == ["ALL"] and not host.get("CapAdd") and not host.get("Privileged")
        assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"])
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


def test_the_order_of_calls_for_a_box(engine, start):
    start(MAYFLY_WARM=1)
    settled(engine, 1)
    kinds = [call.kind for call in engine.journal if call.kind in ("create", "attach", "start")]
    assert kinds == ["create", "attach", "start"]
