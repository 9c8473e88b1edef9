"""The figures, side by side in one run, each beside its target."""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "system")]

import agents  # noqa: E402
import churn  # noqa: E402
import cost  # noqa: E402
import data  # noqa: E402
import deadline  # noqa: E402
import latency  # noqa: E402
import stream  # noqa: E402
from dockerapi import Api  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Gateway  # noqa: E402

IMAGE = "mayfly-python:latest"


def create_json(host):
    """What the broker sends to create a box, taken down by a fake engine that describes itself as the real one."""
    api = Api(host.removeprefix("unix://"))
    with tempfile.TemporaryDirectory() as folder, Engine(f"{folder}/docker.sock") as engine:
        engine.info = api.call("GET", "/info")
        engine.images[IMAGE] = api.call("GET", f"/images/{IMAGE}/json")
        with Gateway(f"unix://{engine.path}", MAYFLY_WARM=1):
            spec = engine.calls("create")[0].body
    spec["Labels"] = {"mayfly.bench": "1"}
    return spec


def line(name, value, target="", good=None):
    verdict = "" if good is None else "yes" if good else "NO"
    print(f"  {name:<52} {value:>18}   {target:<10} {verdict}", flush=True)


def spread(times):
    tenths = statistics.quantiles(times, n=10)
    return f"{statistics.median(times):.2f} ({tenths[8]:.2f}) ms"


def show_latency(host, spec):
    times = latency.measure(host, spec)
    request, bare, echo = (statistics.median(times[name]) for name in ("request", "subprocess", "echo"))
    print(f'print("hi"), one every {latency.PACE_SECONDS} s, {latency.ROUNDS} times: p50 (p90)')
    line("the whole HTTP request", spread(times["request"]))
    line("python3 -c as a bare subprocess", spread(times["subprocess"]))
    line("attach echo (a container that runs cat)", spread(times["echo"]))
    line("request : subprocess", f"1 : {bare / request:.1f}", "<= 1 : 6", request * 6 <= bare)
    line("request above echo", f"{request - echo:.2f} ms", "<= 2 ms", request - echo <= 2)


def show_churn(host, spec):
    through, bare = churn.measure(host, spec)
    print(f"sustained, {churn.WORKERS} clients: boxes created, used and removed, a second")
    line("through the gateway", f"{through:.2f}")
    line("bare loop over the engine's API", f"{bare:.2f}")
    line("gateway : bare loop", f"{100 * through / bare:.1f} %", ">= 95 %", through >= 0.95 * bare)


def show_cost():
    cpu, resident = cost.measure()
    print(f"the gateway alone, on a fake engine: {cost.REQUESTS} requests; {cost.WAITING} waiting")
    for what, unit, values, target in (("CPU a request", "ms", cpu, 0.5), ("resident", "MiB", resident, 32)):
        parts = " + ".join(f"{role} {value:.2f}" for role, value in sorted(values.items()))
        total = sum(values.values())
        line(f"{what} ({parts})", f"{total:.2f} {unit}", f"<= {target} {unit}", total <= target)


def show_deadline(host):
    late = deadline.measure(host)
    worst = late[round(0.999 * len(late)) - 1]
    print(f"a timeout of {deadline.TIMEOUT_SECONDS} s, {deadline.RUNS} stubborn programs, {deadline.CLIENTS} at a time")
    line("answered past the deadline: p50 (p99)", f"{late[len(late) // 2]:.0f} ({late[len(late) * 99 // 100]:.0f}) ms")
    line(f"p99.9 (most: {late[-1]:.0f} ms)", f"{worst:.0f} ms", "<= 250 ms", worst <= 250)


def show_agents(host):
    times = agents.measure(host)
    plain, modern, legacy = (statistics.median(times[name]) for name in ("plain", "modern", "legacy"))
    print(f"{agents.PROGRAM} for an agent, beside the plain API, by turns, {agents.ROUNDS} times: p50 (p90)")
    line("POST /api/v1/execute", spread(times["plain"]))
    line("tools/call of run_python, 2026-07-28", spread(times["modern"]))
    line("tools/call of run_python, 2025-03-26", spread(times["legacy"]))
    most = max(modern, legacy) - plain
    line("tools/call above the plain call", f"{most:.2f} ms", "<= 1 ms", most <= 1)


def show_data(host):
    times = data.measure(host)
    table = statistics.median(times["table"])
    print(f"runtime python-data, {data.ROUNDS} times, in boxes that were ready: p50 (p90)")
    line("pass", spread(times["nothing"]))
    line("import pandas, a table, a sum", spread(times["table"]), "<= 10 ms", table <= 10)
    line("import matplotlib, a plot shown", spread(times["plot"]))


def main():
    """All parts, or those named: cost, latency, agents, stream, data, churn, deadline."""
    host = os.environ["DOCKER_HOST"]
    parts = sys.argv[1:] or ["cost", "latency", "agents", "stream", "data", "churn", "deadline"]
    begun = time.monotonic()
    print(f"Mayfly on {os.cpu_count()} cores, {time.strftime('%Y-%m-%d %H:%M')}\n"
          f"  {'':<52} {'measured':>18}   {'target':<10} met")
    spec = create_json(host)
    for part in parts:
        {"cost": show_cost, "latency": lambda: show_latency(host, spec),
         "agents": lambda: show_agents(host), "stream": lambda: stream.show(line, host), "churn": lambda: show_churn(host, spec),
         "data": lambda: show_data(host), "deadline": lambda: show_deadline(host)}[part]()
    print(f"({time.monotonic() - begun:.0f} s)")


if __name__ == "__main__":
    main()
