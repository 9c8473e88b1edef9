"""Measures the same program through /mcp and through the plain API, in turns, paced so that the pool stays warm."""

import json
import time

import mcp
from gateway import Gateway
from latency import FILL_SECONDS, WARM_UP_ROUNDS, timed

ROUNDS = 60
PACE_SECONDS = 0.4  # from one run to the next: its box has been replaced by then
PROGRAM = "print(1)"


def measure(host):
    """Returns the milliseconds of each round: plain, modern, legacy."""
    actions = {"plain": plain, "modern": modern, "legacy": legacy}
    times = {name: [] for name in actions}
    with Gateway(host) as gateway, gateway.client() as client:
        time.sleep(FILL_SECONDS)
        next_run = time.monotonic()
        for turn in range(WARM_UP_ROUNDS + ROUNDS):
            for name, action in actions.items():
                time.sleep(max(0, next_run - time.monotonic()))
                took = timed(lambda action=action: action(gateway, client))
                if turn >= WARM_UP_ROUNDS:
                    times[name].append(took)
                next_run = max(next_run + PACE_SECONDS, time.monotonic())
    return times


def plain(_, client):
    answer = client.post(json.dumps({"code": PROGRAM}).encode()).receive()
    assert answer.status == 200 and b'"stdout":"1\\n"' in answer.body, answer


def modern(gateway, client):
    body = mcp.run_body(PROGRAM)
    check(mcp.send(gateway, body, mcp.headers_of(body), client).receive())


def legacy(gateway, client):
    check(mcp.send(gateway, mcp.old_run_body(PROGRAM), (), client).receive())


def check(answer):
    assert answer.status == 200 and b'"text":"1\\n"' in answer.body, answer
