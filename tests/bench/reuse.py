"""Measures boxes of several runs for a longer time: the duration of the proof that nothing is left, and the changes
after 10,000 runs."""

import itertools
import statistics
import time

from boxes import Boxes
from compare import HELLO, SHARED
from gateway import Gateway
from latency import request, timed
from load import ClosedLoop

PACED_RUNS, PACE_SECONDS = 100, 0.05  # a box is clean again long before the next run
RUNS, EDGE = 10_000, 1000
CLIENTS = 16  # so many boxes that none of them reaches the most runs that a box may serve


def measure_reset(host):
    """Returns average milliseconds: of a reset as measured by the broker, and of a request as measured by its
    client."""
    with Gateway(host, **SHARED) as gateway:
        serve(gateway, 1, 1)
        Boxes(host, gateway).wait_quiet()
        before = resets(gateway, 1)
        times = []
        with gateway.client() as client:
            for _ in range(PACED_RUNS):
                time.sleep(PACE_SECONDS)
                times.append(timed(lambda: request(client)))
        after = resets(gateway, 1 + PACED_RUNS)
    count, seconds = (now - then for now, then in zip(after, before))
    return 1000 * seconds / count, statistics.mean(times)


def resets(gateway, runs):
    """How many there were, and their seconds together, once the broker has told of all that so many runs had."""
    name = "mayfly_box_reset_duration_seconds"
    found = gateway.wait_metrics(
        lambda found: found.value(f"{name}_count") + found.sum("mayfly_boxes_retired_total") >= runs)
    return found.value(f"{name}_count"), found.value(f"{name}_sum")


class Held:
    """The memory of boxes, front and broker, in bytes."""

    def __init__(self, gateway, boxes):
        boxes.wait_quiet()
        self.boxes = boxes.memory_bytes()
        found = gateway.metrics()
        self.roles = {role: found.value("process_resident_memory_bytes", role=role) for role in ("front", "broker")}


def serve(gateway, clients, count):
    """Seconds of each run, in the order of the answers."""
    with ClosedLoop(gateway.address, HELLO, clients) as loop:
        return [took for _, took in itertools.islice(loop.answers(), count)]


def measure_drift(host):
    """What is more at the end than after the first runs, in percent, by what it is; and the number of boxes that were
    there all the time, whose memory is compared."""
    with Gateway(host, **SHARED) as gateway:
        boxes = Boxes(host, gateway)
        boxes.wait_quiet()
        serve(gateway, CLIENTS, CLIENTS)
        boxes.wait_quiet()
        times = serve(gateway, CLIENTS, EDGE)
        first = Held(gateway, boxes)
        times += serve(gateway, CLIENTS, RUNS - EDGE)
        last = Held(gateway, boxes)
    same = first.boxes.keys() & last.boxes.keys()
    grown = {"p50": growth(statistics.median(times[:EDGE]), statistics.median(times[-EDGE:])),
             "memory of boxes": growth(*(sum(held.boxes[box] for box in same) for held in (first, last)))}
    grown |= {f"memory of the {role}": growth(first.roles[role], last.roles[role]) for role in first.roles}
    return grown, len(same)


def growth(first, last):
    """In percent; None if there was nothing at first."""
    return 100 * (last / first - 1) if first else None


def show_reset(report, host):
    reset, whole = measure_reset(host)
    share = 100 * reset / whole
    report.title(f'reuse, print("hi") every {PACE_SECONDS} s, {PACED_RUNS} times: means')
    report.line("request; reset after it, which nobody waits for", f"{whole:.2f}; {reset:.2f} ms")
    report.line("reset : request", f"{share:.0f} %", "<= 10 %", share <= 10)


def show_drift(report, host):
    grown, count = measure_drift(host)
    report.title(f"reuse, {RUNS} runs by {CLIENTS} clients: what grew from the first {EDGE} to the last")
    for what, percent in grown.items():
        name = f"{what} ({count} that served all the time)" if what == "memory of boxes" else what
        if percent is None:
            report.line(name, "not measured", "<= 5 %")
        else:
            report.line(name, f"{percent:+.1f} %", "<= 5 %", percent <= 5)
