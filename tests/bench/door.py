"""What 10,000 connections that are idle, or send a byte now and then, cost the front, and what honest clients notice.

    tests/bench/door.py [connections]     the engine is the fake one

Fails when the front grows by more than 64 MiB, or an honest client is not served; the times are printed.
"""

import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "system")]

from crowd import Crowd, descriptors_count, latencies, percentile, rss_bytes  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Gateway  # noqa: E402

MOST_BYTES = 64 << 20
REQUESTS = 600
PACE_S = 0.01      # between requests, so that the pool is warm
DRIP_EVERY = 50    # requests


def executions(gateway, between=lambda number: None):
    def ask():
        status, answer = gateway.execute({"stdout": "x"})
        assert status == 200 and answer["stdout"] == "x", answer

    def pause(number):
        between(number)
        time.sleep(PACE_S)

    return latencies(ask, REQUESTS, pause)


def wait_for(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the crowd is not as it should be within 60 s"
        time.sleep(0.05)


def show(name, times):
    print(f"  {name:<8} p50 {percentile(times, 0.5) * 1000:6.2f} ms   p99 {percentile(times, 0.99) * 1000:6.2f} ms")


def main(count):
    settings = {"MAYFLY_WARM": 4, "MAYFLY_HEADER_TIMEOUT_MS": 600000, "MAYFLY_LOG_LEVEL": "warning",
                "MAYFLY_MAX_CONNECTIONS": count + 100}
    with tempfile.TemporaryDirectory() as folder, Engine(f"{folder}/docker.sock") as engine, \
            Gateway(f"unix://{engine.path}", **settings) as gateway:
        pid = gateway.pids()["front"]
        executions(gateway)  # what a first round costs is no crowd's doing
        alone, before = executions(gateway), rss_bytes(pid)
        with Crowd(gateway.port, count) as crowd:
            wait_for(lambda: descriptors_count(pid) >= count)
            crowded = executions(gateway, lambda number: number % DRIP_EVERY or crowd.drip())
            grown = rss_bytes(pid) - before
            assert descriptors_count(pid) >= count
        wait_for(lambda: descriptors_count(pid) < 100)
        after = executions(gateway)
    print(f"{count} idle and slow connections: the front grew by {grown / 2**20:.1f} MiB, {grown // count} bytes each")
    show("alone", alone)
    show("crowded", crowded)
    show("after", after)
    print(f"  p99, crowded to alone: {percentile(crowded, 0.99) / percentile(alone, 0.99):.2f}")
    assert grown <= MOST_BYTES, "the front grew by more than 64 MiB"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10000)
