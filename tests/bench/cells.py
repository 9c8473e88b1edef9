"""Measures sessions: a cell beside an attach echo, many cells in a row, opening a session, and the memory of idle
ones."""

import json
import statistics
import time

from boxes import Boxes
from gateway import Gateway
from latency import FILL_SECONDS, WARM_UP_ROUNDS, Echo, timed
from report import spread

ROUNDS, PACE_SECONDS = 80, 0.1
CELLS, EDGE = 1000, 100
OPENINGS, OPENING_SECONDS = 40, 0.5  # from one opening to the next: the pool is full again by then
IDLE = 200
OPEN_SECONDS = 60  # until a session that needs a new box is open on a busy machine
SESSIONS = "/api/v1/sessions"
HELLO = json.dumps({"code": 'print("hi")'}).encode()
JSON = ("content-type", "application/json")


def show(report, host, spec):
    show_cells(report, *measure_cells(host, spec))
    opening = measure_openings(host)
    report.title(f"a session is opened on an idle gateway, {OPENINGS} times: p50 (p90)")
    report.line("POST /api/v1/sessions", spread(opening), "<= 10 ms", statistics.median(opening) <= 10)
    show_idle(report, host)


def show_cells(report, times, echoes, row):
    above = statistics.median(times) - statistics.median(echoes)
    first, last = statistics.median(row[:EDGE]), statistics.median(row[-EDGE:])
    drift = 100 * (last / first - 1)
    report.title(f'print("hi") as a cell of a warm session, one every {PACE_SECONDS} s, {ROUNDS} times: p50 (p90)')
    report.line("the whole HTTP request", spread(times))
    report.line("attach echo (a container that runs cat)", spread(echoes))
    report.line("cell above echo", f"{above:.2f} ms", "<= 2 ms", above <= 2)
    report.line(f"{len(row)} in a row: p50 of the first {EDGE}, of the last", f"{first:.2f}, {last:.2f} ms")
    report.line("growth", f"{drift:+.1f} %", "<= 5 %", drift <= 5)


def show_idle(report, host):
    held = measure_idle(host)
    report.title(f"{IDLE} idle sessions: memory")
    report.line("box of one, on average", f"{held['box'] / 1e6:.1f} MB")
    report.line("all boxes", f"{held['boxes'] / 1e9:.2f} GB")
    for role in ("front", "broker"):
        report.line(f"{role}, for each session", f"{held[role] / 1e3:.1f} kB")


def open_session(gateway, client=None, **fields):
    """Open a session. Returns its path."""
    body = json.dumps({"queue_timeout": 30, **fields}).encode()
    if client:
        answer = client.request("POST", SESSIONS, body, [JSON])
    else:
        with gateway.client(timeout=OPEN_SECONDS) as own:
            answer = own.request("POST", SESSIONS, body, [JSON])
    assert answer.status == 201, answer
    return answer.headers["location"]


def run(client, path):
    answer = client.request("POST", f"{path}/executions", HELLO, [JSON])
    assert answer.status == 200 and b'"stdout":"hi\\n"' in answer.body, answer


def measure_cells(host, spec):
    """Returns the milliseconds of cells in turns with echoes, of the echoes, and of cells without a pause."""
    times, echoes = [], []
    with Gateway(host) as gateway, gateway.client() as client, Echo(host, spec) as echo:
        time.sleep(FILL_SECONDS)
        path = open_session(gateway)
        for turn in range(WARM_UP_ROUNDS + ROUNDS):
            time.sleep(PACE_SECONDS)
            cell = timed(lambda: run(client, path))
            answer = timed(echo.once)
            if turn >= WARM_UP_ROUNDS:
                times.append(cell)
                echoes.append(answer)
        return times, echoes, [timed(lambda: run(client, path)) for _ in range(CELLS)]


def measure_openings(host):
    """Returns the milliseconds of each opening. A session is deleted before the next one is opened."""
    times = []
    with Gateway(host) as gateway, gateway.client() as client:
        time.sleep(FILL_SECONDS)
        for turn in range(WARM_UP_ROUNDS + OPENINGS):
            paths = []
            took = timed(lambda: paths.append(open_session(gateway, client)))  # noqa: B023
            assert client.request("DELETE", paths[0]).status == 204
            if turn >= WARM_UP_ROUNDS:
                times.append(took)
            time.sleep(OPENING_SECONDS)
    return times


def measure_idle(host):
    """Returns bytes: of a session's box on average, of all boxes, and the additional memory of front and broker for
    each session."""
    with Gateway(host, MAYFLY_WARM=1, MAYFLY_MAX_BOXES=2 * IDLE, MAYFLY_SESSIONS=IDLE) as gateway:
        boxes = Boxes(host, gateway)
        before = {role: gateway.metrics().value("process_resident_memory_bytes", role=role) for role in ("front", "broker")}
        with gateway.client() as client:
            for _ in range(IDLE):
                run(client, open_session(gateway))
        boxes.wait_quiet()
        found = gateway.wait_metrics(lambda found: found.sum("mayfly_sessions", state="idle") == IDLE)
        held = sorted(boxes.memory_bytes().values())[-IDLE:]
    grown = {role: (found.value("process_resident_memory_bytes", role=role) - before[role]) / IDLE for role in before}
    return {"box": statistics.mean(held), "boxes": sum(held)} | grown
