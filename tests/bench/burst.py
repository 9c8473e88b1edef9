"""Measures a burst: as many requests at once as the default pool has boxes on a small machine, without other
requests."""

import json
import selectors
import statistics
import time
from contextlib import ExitStack

from gateway import Gateway
from report import spread

AT_ONCE = 16
ROUNDS = 20
WARM_UP_ROUNDS = 1
FILL_SECONDS = 120
NEWS_SECONDS = 1.5  # the metrics are a second old at most
REST_SECONDS = 2  # after the pool is full: the last box imports its modules, the last one used is removed
BODY = json.dumps({"code": 'print("hi")'}).encode()


def show(report, host):
    times, warm = measure(host)
    late = statistics.quantiles(times, n=20)[-1]
    report.title(f'print("hi"), {AT_ONCE} at once, {ROUNDS} times, in the boxes that wait by default')
    report.line("found a box that was ready", f"{warm} of {len(times)}", "all", warm == len(times))
    report.line("answered: p50 (p90)", spread(times))
    report.line("p95", f"{late:.1f} ms", "<= 50 ms", late <= 50)


def measure(host):
    """(milliseconds of each request from its burst's begin to its answer, how many found a box that was ready)."""
    times, warm = [], 0
    with Gateway(host) as gateway, ExitStack() as stack:
        clients = [stack.enter_context(gateway.client()) for _ in range(AT_ONCE)]
        for turn in range(WARM_UP_ROUNDS + ROUNDS):
            wait_full(gateway)
            took, starts = burst(clients)
            if turn >= WARM_UP_ROUNDS:
                times += took
                warm += starts.count("warm")
    return times, warm


def wait_full(gateway):
    """Wait until the boxes of a burst are ready, no other box is started or removed, and the machine is idle."""
    deadline = time.monotonic() + FILL_SECONDS
    time.sleep(NEWS_SECONDS)
    while not is_full(gateway.metrics()):
        assert time.monotonic() < deadline, "the pool is not full; MAYFLY_WARM is less than a burst needs"
        time.sleep(0.1)
    time.sleep(REST_SECONDS)


def is_full(found):
    states = {state: found.sum("mayfly_boxes", state=state)
              for state in ("creating", "attaching", "starting", "ready", "running", "removing")}
    return states.pop("ready") >= AT_ONCE and not any(states.values())


def burst(clients):
    """Send a burst. One thread sends all requests and takes each answer's time, so that the clients need little CPU
    time."""
    times, starts = [], []
    with selectors.DefaultSelector() as waiting:
        begun = time.perf_counter()
        for client in clients:
            client.post(BODY)
            waiting.register(client.socket, selectors.EVENT_READ, client)
        while waiting.get_map():
            for key, _ in waiting.select():
                answer = key.data.receive()
                times.append(1000 * (time.perf_counter() - begun))
                waiting.unregister(key.fileobj)
                assert answer.status == 200, answer
                starts.append(answer.json()["start"])
    return times, starts
