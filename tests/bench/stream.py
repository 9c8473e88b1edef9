"""Event streams: what they add to the plain call, how soon a program's word is heard, what a thousand of them hold.

    tests/bench/stream.py [clients]     the crowd alone, on the fake engine; fails when the front needs over 64 MiB
"""

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "system")]

from crowd import allow_descriptors, rss_bytes  # noqa: E402
from engine import Engine  # noqa: E402
from eventstream import EVENTS, EventStream  # noqa: E402
from gateway import Gateway  # noqa: E402

ROUNDS = 100
WARM_UP_ROUNDS = 5
PACE_SECONDS = 0.3  # so that the pool stays warm
MOST_BYTES = 64 << 20
HELLO = {"code": 'print("hi")'}
CLOCK = {"code": "import time; print(time.monotonic_ns(), flush=True); time.sleep(0.02)"}


def plain(client):
    assert client.post(HELLO).receive().json()["stdout"] == "hi\n"


def streamed(client):
    last = list(EventStream(client.post(HELLO, headers=[EVENTS])))[-1]
    assert last.name == "result" and last.data["stdout"] == "hi\n", last


def timed(action, client):
    """Milliseconds."""
    begun = time.perf_counter_ns()
    action(client)
    return (time.perf_counter_ns() - begun) / 1e6


def first_word(client):
    """Returns the milliseconds from the program's write to its arrival; boxes use the host's monotonic clock."""
    events = EventStream(client.post(CLOCK, headers=[EVENTS]))
    written = int(events.until("stdout")[-1].data)
    heard = time.monotonic_ns()
    assert list(events)[-1].name == "result"
    return (heard - written) / 1e6


def measure(host):
    """Milliseconds of each round, taken in turns: plain, streamed, first_word."""
    times = {"plain": [], "streamed": [], "first_word": []}
    actions = {"plain": lambda client: timed(plain, client), "streamed": lambda client: timed(streamed, client),
               "first_word": first_word}
    with Gateway(host) as gateway, gateway.client() as client:
        for turn in range(WARM_UP_ROUNDS + ROUNDS):
            for name, action in actions.items():
                time.sleep(PACE_SECONDS)
                took = action(client)
                if turn >= WARM_UP_ROUNDS:
                    times[name].append(took)
    return times


def crowd(count):
    """Bytes that the front holds with so many streams open, each of a run of its own that has said something, or waits;
    and once all have ended."""
    allow_descriptors(2 * count + 500)
    settings = {"MAYFLY_WARM": 4, "MAYFLY_MAX_WAITING": count, "MAYFLY_QUEUE_TIMEOUT_MS": 600000,
                "MAYFLY_LOG_LEVEL": "warning"}
    body = {"code": json.dumps({"stdout": "x" * 100, "gate": "all"}), "timeout": 30, "queue_timeout": 600}
    with tempfile.TemporaryDirectory() as folder, Engine(f"{folder}/docker.sock") as engine, \
            Gateway(f"unix://{engine.path}", **settings) as gateway:
        front = gateway.pids()["front"]
        streams = [EventStream(gateway.post(body, headers=[EVENTS])) for _ in range(count)]
        for stream in streams:
            assert stream.next().name == "queued"
        held = rss_bytes(front)
        engine.open("all")
        for stream in streams:
            assert stream.until("result")[-1].data["status"] == "success"
        ended = rss_bytes(front)
        for stream in streams:
            stream.client.close()
    return held, ended


def main(count):
    held, ended = crowd(count)
    print(f"{count} event streams: the front holds {held / 2**20:.1f} MiB, {ended / 2**20:.1f} MiB when they have ended")
    assert max(held, ended) <= MOST_BYTES, "the front needs more than 64 MiB"


def show(report, host):
    """The figures of both engines, for bench.py."""
    times = measure(host)
    median = {name: statistics.median(values) for name, values in times.items()}
    ratio = median["streamed"] / median["plain"]
    report.title(f"event streams, {ROUNDS} rounds in turns with the plain call: p50")
    report.line("plain call, stream", f"{median['plain']:.2f}, {median['streamed']:.2f} ms")
    report.line("stream : plain call", f"{ratio:.3f} : 1", "<= 1.10 : 1", ratio <= 1.1)
    report.line("from a program's write to its client", f"{median['first_word']:.2f} ms", "<= 5 ms",
                median["first_word"] <= 5)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
