"""The pool: warm boxes, waiting runs, and the order in which runs are served."""

import json
import os
import subprocess
import time

import pytest

from gateway import BINARY
from helpers import gated, running, settled, until

MIB = 1 << 20


def names(boxes):
    return {box.name for box in boxes}


def test_the_configured_number_is_kept_warm_and_not_more(engine, start):
    start(MAYFLY_WARM=5)
    settled(engine, 5)
    assert len(engine.calls("create")) == 6  # one was the canary's


def test_by_default_as_many_as_a_burst_needs_and_the_memory_holds(engine, start):
    printed = subprocess.run([BINARY, "config"], env={"PATH": os.environ["PATH"]}, check=True, capture_output=True, text=True)
    warm = int(printed.stdout.split("MAYFLY_WARM=")[1].split()[0])
    burst = max(16, 2 * len(os.sched_getaffinity(0)))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert warm == min(burst, memory // 8 // (24 * MIB))
    start(MAYFLY_WARM="")
    settled(engine, warm)


def test_boxes_are_made_one_at_a_time_while_runs_keep_every_core_busy(engine, start):
    gateway = start(MAYFLY_WARM=6, MAYFLY_PARALLEL_STARTS=2)
    settled(engine, 6)
    made = len(engine.calls("create"))
    engine.boot_s = 60
    clients = [gateway.post(gated("g")) for _ in range(3)]
    running(engine, 3)
    engine.wait(lambda: len(engine.calls("create")) > made, "a box made beside the runs")
    assert len(engine.calls("create")) == made + 1
    engine.open("g")
    engine.wait(lambda: len(engine.calls("create")) == made + 2, "two at a time once the cores are idle")
    assert [client.receive().status for client in clients] == [200] * 3


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
    engine.boot_s = 0.02
    gateway = start(MAYFLY_WARM=0)
    status_, answer = gateway.execute({"stdout": "x"})
    assert (status_, answer["start"]) == (200, "cold")
    settled(engine, 0)


def test_limits_of_its_own_start_cold_in_a_box_made_for_them(engine, start):
    engine.boot_s = 0.02
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


@pytest.mark.parametrize("boxes", [1, 3])
def test_no_more_boxes_than_allowed_and_waiting_runs_in_order_of_arrival(engine, start, boxes):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=boxes)
    first = [gateway.post(gated("first")) for _ in range(boxes)]
    running(engine, boxes)
    later = [gateway.client() for _ in range(12)]
    for client in later:
        assert client.request("GET", "/livez").status == 200
    for number, client in enumerate(later):
        client.post({"code": json.dumps({"stdout": str(number), "sleep_ms": 5})})
        gateway.request("GET", "/livez")  # answered: what came before it has been read
    time.sleep(0.05)
    assert len(engine.managed()) <= boxes and len(engine.runs) == boxes
    engine.open("first")
    assert [client.receive().status for client in first] == [200] * boxes
    answers = [client.receive().json() for client in later]
    assert [answer["stdout"] for answer in answers] == [str(n) for n in range(12)]
    served = [int(json.loads(run.job.source)["stdout"]) for run in engine.runs[boxes:]]
    # Runs that are sent to several boxes at the same time may reach the engine in any order.
    assert sorted(served) == list(range(12)) and all(abs(at - number) < boxes for at, number in enumerate(served)), served
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
    settled(engine, 1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        begun = time.monotonic()
        code, answer = gateway.execute({})
        assert code == 503, answer
        assert 0.9 < time.monotonic() - begun
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


def test_a_request_says_how_long_it_would_wait(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        status, answer = gateway.execute("print(1)", queue_timeout=0.2)
        assert (status, answer["code"]) == (503, "busy")
        engine.open("g")
        assert first.receive().status == 200
    settled(engine, 1)
    assert len(engine.runs) == 1


def test_hanging_up_cancels_the_run(engine, start):
    gateway = start(MAYFLY_WARM=1)
    client = gateway.post(gated("never"))
    running(engine, 1)
    client.hang_up()
    engine.wait(lambda: engine.runs[0].end in ("canceled", "killed"), "the run is canceled")
    settled(engine, 1)


def test_hanging_up_while_waiting_gives_up_the_place(engine, start):
    gateway = start(MAYFLY_WARM=1, MAYFLY_MAX_BOXES=1, MAYFLY_MAX_WAITING=1)
    with gateway.post(gated("g")) as first:
        running(engine, 1)
        gateway.post(gated("g")).hang_up()
        until(lambda: _waits(gateway), "the place is free again")
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
