"""A front that does not read for some time: no process ends, no run is lost, the bytes that wait for it are limited,
and the runs of other fronts are not delayed."""

import http.client
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from crowd import is_sanitized, rss_bytes
from faults import Boot
from gateway import BINARY, EXECUTE, Gateway, Process, free_port

FLOODS = 16
MIB = 1 << 20
STOPPED_S = 10
LONG_S = 600  # no program is late because its front stands still
# Of the broker: what it is at the start, and for each run what may wait of it and its largest frame.
FIXED_BYTES, RUN_BYTES = 32 * MIB, 1 * MIB + 4 * MIB
FLOOD = {"flood": ["\u0001", 8 * MIB], "big_files": [2, 4 * MIB]}


@contextmanager
def stopped(pid):
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def ask(gateway, directive, **fields):
    """(HTTP status, the first and last bytes of the answer): the whole may be a hundred megabytes."""
    connection = http.client.HTTPConnection(*gateway.address, timeout=LONG_S)
    body = json.dumps({"code": json.dumps(directive), "timeout": LONG_S, **fields})
    connection.request("POST", EXECUTE, body, {"content-type": "application/json"})
    response = connection.getresponse()
    head = tail = response.read(1024)
    while piece := response.read(1 << 20):
        tail = piece
    connection.close()
    return response.status, head + tail


def flood(gateway):
    status, answer = ask(gateway, FLOOD, limits={"output_bytes": 8 * MIB}, outputs=["big*"])
    return status, answer


def settings(**more):
    return {"MAYFLY_MAX_BOXES": FLOODS, "MAYFLY_WARM": FLOODS, "MAYFLY_PARALLEL_STARTS": 4,
            "MAYFLY_WRITE_TIMEOUT_MS": LONG_S * 1000, "MAYFLY_MAX_TIMEOUT_MS": LONG_S * 1000, **more}


class OtherFront(Gateway):
    """A second front of the same broker."""

    def __init__(self, gateway):
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.processes = [Process("front", gateway.settings | {"MAYFLY_LISTEN": f"127.0.0.1:{self.port}"})]


@contextmanager
def other_front(gateway):
    front = OtherFront(gateway)
    try:
        front.wait_health(200)
        yield front
    finally:
        front.stop()


def test_a_front_that_stops_under_floods_loses_nobody(engine, start):
    gateway = start(**settings())
    engine.wait(lambda: len(engine.ready()) == FLOODS, "every box ready", 30)
    pids = gateway.pids()
    with ThreadPoolExecutor(FLOODS) as pool:
        asked = [pool.submit(flood, gateway) for _ in range(FLOODS)]
        engine.wait(lambda: len(engine.runs) == FLOODS, "every run begun", 60)
        with stopped(pids["front"]):
            time.sleep(STOPPED_S)
            held = rss_bytes(pids["broker"], "VmHWM")
        answers = [each.result() for each in asked]
    assert [status for status, _ in answers] == [200] * FLOODS
    assert all(b'"status":"success"' in text for _, text in answers), [text[:300] for _, text in answers]
    assert gateway.pids() == pids, "the same two processes"
    assert is_sanitized(BINARY) or held < FIXED_BYTES + FLOODS * RUN_BYTES, held
    assert gateway.execute("print(1)")[0] == 200
    assert not gateway.events("front_lost") and not gateway.events("run_lost")


def test_one_front_that_stops_does_not_slow_another_s_runs(engine, start):
    """Its runs stand still in no more boxes than they have, and those that wait take none."""
    gateway = start(apart=True, **settings(MAYFLY_MAX_BOXES=6, MAYFLY_WARM=2, MAYFLY_QUEUE_TIMEOUT_MS=LONG_S * 1000))
    with other_front(gateway) as other, ThreadPoolExecutor(FLOODS) as pool:
        engine.script("boot", Boot(gate="boot"), count=4)
        asked = [pool.submit(flood, gateway) for _ in range(2)]
        engine.wait(lambda: len(engine.runs) == 2, "two floods in the warm boxes", 60)
        with stopped(gateway.processes[1].pid):
            engine.open("boot")
            for number in range(20):
                status, answer = ask(other, {"stdout": f"{number}"})
                assert status == 200 and b'"status":"success"' in answer
            assert ask(other, {"stdout": "x"}, limits={"pids": 30})[0] == 200
        for each in asked:
            status, answer = each.result()
            assert status == 200 and b'"status":"success"' in answer, answer[:300]


def test_more_waits_than_a_stopped_front_can_be_told(engine, start):
    """Of a front with a crowd of waiting runs, no more are given boxes than it can hear of."""
    gateway = start(apart=True, **settings(MAYFLY_MAX_BOXES=4, MAYFLY_WARM=0, MAYFLY_QUEUE_TIMEOUT_MS=LONG_S * 1000))
    engine.script("boot", Boot(gate="boot"), count=4)
    with other_front(gateway) as other, ThreadPoolExecutor(40) as pool:
        asked = [pool.submit(ask, gateway, {"flood": ["x", MIB // 2]}) for _ in range(40)]
        gateway.wait_metrics(lambda seen: seen.value("mayfly_runs_waiting") == 40)
        with stopped(gateway.processes[1].pid):
            engine.open("boot")
            assert [ask(other, {"stdout": "x"})[0] for _ in range(8)] == [200] * 8
            assert len([run for run in engine.runs if b"flood" in run.job.source]) < 20
        assert [each.result()[0] for each in asked] == [200] * 40


def test_a_stopped_front_s_state_does_not_pile_up(engine, start):
    gateway = start(apart=True)
    broker, front = gateway.processes
    with stopped(front.pid), other_front(gateway) as other:
        held = rss_bytes(broker.pid)
        for _ in range(60):  # each change of the engine's state is told at once
            engine.stop()
            other.wait_health(503, "/health")
            engine.start()
            other.wait_health(200, "/health")
        assert is_sanitized(BINARY) or rss_bytes(broker.pid) - held < 2 * MIB
    gateway.wait_health(200)


def test_a_run_may_be_canceled_while_its_front_stands_still(engine, start):
    """Its box, which is not read, is removed: its stream is closed first, or the engine would not answer."""
    gateway = start(**settings(MAYFLY_MAX_BOXES=2, MAYFLY_WARM=1))
    client = gateway.post({"code": json.dumps({"gate": "flood", "flood_after": 8 * MIB, "silent": True}), "timeout": 60,
                           "limits": {"output_bytes": 8 * MIB}})
    engine.wait(lambda: len(engine.runs) == 1, "the run begun")
    with stopped(gateway.pids()["front"]):
        engine.open("flood")
        engine.wait(lambda: any(box.stream and box.stream.unread for box in engine.managed()), "its stream unread", 30)
        client.hang_up()
    engine.wait(lambda: engine.runs[0].end, "the run ended", 30)
    engine.wait(lambda: len(engine.ready()) == 1 and len(engine.managed()) == 1, "one box, ready", 30)
    assert gateway.stop() == [0]
