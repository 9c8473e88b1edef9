"""The front is stopped during large outputs, on a real engine. The bytes that wait in pipes, shim and engine arrive
when it reads again, even if the box would have ended in that time; and a box that is not read can be removed."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

from gateway import Gateway

BOXES = 4
MIB = 1 << 20
STOPPED_S = 12  # longer than an engine's patience with the output of a container that has ended
FLOOD = f"""
import os, sys, time
time.sleep(4)  # so that it is seen to run before it writes
for _ in range(8):
    os.write(1, b"o" * {MIB}); os.write(2, b"e" * {MIB})
open("big", "wb").write(os.urandom(4 << 20))
"""


def write_all(gateway):
    return gateway.execute(FLOOD, timeout=60, limits={"output_bytes": 8 * MIB}, outputs=["big"])


def test_floods_under_a_front_that_stops_come_whole(engine):
    with Gateway(engine.host, MAYFLY_WARM=BOXES, MAYFLY_MAX_BOXES=BOXES, MAYFLY_MAX_TIMEOUT_MS=60000) as gateway:
        gateway.wait_metrics(lambda seen: seen.value("mayfly_boxes", state="ready") == BOXES, 60)
        pids = gateway.pids()
        with ThreadPoolExecutor(BOXES) as pool:
            asked = [pool.submit(write_all, gateway) for _ in range(BOXES)]
            gateway.wait_metrics(lambda seen: seen.value("mayfly_runs_running") > 0, 30)
            os.kill(pids["front"], signal.SIGSTOP)
            time.sleep(STOPPED_S)
            os.kill(pids["front"], signal.SIGCONT)
            answers = [each.result() for each in asked]
        for status, answer in answers:
            assert (status, answer["status"]) == (200, "success"), {**answer, "stdout": "", "stderr": "", "files": []}
            assert len(answer["stdout"]) == len(answer["stderr"]) == 8 * MIB
            assert [file["path"] for file in answer["files"]] == ["big"]
        assert gateway.pids() == pids and not gateway.events("front_lost") and not gateway.events("run_lost")
        (started,) = gateway.events("broker_started")
        assert gateway.stop() == [0]
    assert not engine.managed(f"label=mayfly.instance={started['instance']}")


def test_a_box_that_nobody_reads_is_removed(engine):
    with Gateway(engine.host, MAYFLY_WARM=1, MAYFLY_MAX_BOXES=2) as gateway:
        client = gateway.post({"code": FLOOD + "while True: pass", "timeout": 30,
                               "limits": {"output_bytes": 8 * MIB}})
        gateway.wait_metrics(lambda seen: seen.value("mayfly_runs_running") == 1, 30)
        pids = gateway.pids()
        os.kill(pids["front"], signal.SIGSTOP)
        time.sleep(6)  # until it writes, and is no longer read
        client.hang_up()
        os.kill(pids["front"], signal.SIGCONT)
        gateway.wait_metrics(lambda seen: seen.value("mayfly_runs_running") == 0, 30)
        assert gateway.execute("print(1)")[0] == 200
        (started,) = gateway.events("broker_started")
        assert gateway.stop() == [0]
    assert not engine.managed(f"label=mayfly.instance={started['instance']}")
