"""A front that does not read for a while: no process ends, no run is lost, what waits for it stays bounded, and no other
front's runs are slowed."""

import http.client
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from crowd import is_sanitized, rss_bytes
from gateway import BINARY, EXECUTE, Gateway

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


def running(engine):
    return [run for run in list(engine.runs) if not run.end]


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
