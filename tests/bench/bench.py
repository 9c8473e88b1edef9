"""The figures, side by side in one run, each beside its target.

    bench.py [PART...]
    bench.py --against CHECKOUT [--at-least TIMES] [PART...]    fresh boxes a second beside another checkout's (against.py)
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "system")]

import against  # noqa: E402
import agents  # noqa: E402
import burst  # noqa: E402
import cells  # noqa: E402
import churn  # noqa: E402
import compare  # noqa: E402
import cost  # noqa: E402
import data  # noqa: E402
import deadline  # noqa: E402
import latency  # noqa: E402
import machine  # noqa: E402
import page  # noqa: E402
import reuse  # noqa: E402
import stream  # noqa: E402
import suite  # noqa: E402
from dockerapi import Api  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Gateway  # noqa: E402
from report import Report, spread  # noqa: E402

IMAGE = "mayfly-python:latest"
FOLDER = HERE.parent.parent / "build/bench"


def create_json(host):
    """Returns the JSON by which the broker creates a box, recorded by a fake engine that describes itself as the real
    one."""
    api = Api(host.removeprefix("unix://"))
    with tempfile.TemporaryDirectory() as folder, Engine(f"{folder}/docker.sock") as engine:
        engine.info = api.call("GET", "/info")
        engine.images[IMAGE] = api.call("GET", f"/images/{IMAGE}/json")
        with Gateway(f"unix://{engine.path}", MAYFLY_WARM=1):
            spec = engine.calls("create")[0].body
    spec["Labels"] = {"mayfly.bench": "1"}
    return spec


def show_latency(report, host):
    times = latency.measure(host, create_json(host))
    request, bare, echo = (statistics.median(times[name]) for name in ("request", "subprocess", "echo"))
    report.title(f'print("hi"), one every {latency.PACE_SECONDS} s, {latency.ROUNDS} times: p50 (p90)')
    report.line("the whole HTTP request", spread(times["request"]))
    report.line("python3 -c as a bare subprocess", spread(times["subprocess"]))
    report.line("attach echo (a container that runs cat)", spread(times["echo"]))
    report.fraction("request : subprocess", bare / request, 8)
    report.line("request above echo", f"{request - echo:.2f} ms", "<= 2 ms", request - echo <= 2)


def show_churn(report, host):
    rates = churn.measure(host, create_json(host))
    report.title(f"sustained, {churn.WORKERS} clients: boxes created, used and removed, a second")
    report.line("through the gateway", f"{rates['gateway']:.2f}")
    report.line("bare loop over the engine's API, of the same runs", f"{rates['runs']:.2f}")
    report.line("bare loop, of the same containers with /bin/true", f"{rates['true']:.2f}")
    report.ratio("gateway : bare loop of /bin/true", rates["gateway"] / rates["true"], 0.75)
    report.ratio("gateway : bare loop of runs", rates["gateway"] / rates["runs"], 0.95)


def show_cost(report, _):
    cpu, resident = cost.measure()
    report.title(f"the gateway alone, on a fake engine: {cost.REQUESTS} requests; {cost.WAITING} waiting")
    for what, unit, values, target in (("CPU a request", "ms", cpu, 0.5), ("resident", "MiB", resident, 32)):
        parts = " + ".join(f"{role} {value:.2f}" for role, value in sorted(values.items()))
        total = sum(values.values())
        report.line(f"{what} ({parts})", f"{total:.2f} {unit}", f"<= {target} {unit}", total <= target)


def show_deadline(report, host):
    late = deadline.measure(host)
    worst = late[round(0.999 * len(late)) - 1]
    report.title(f"a timeout of {deadline.TIMEOUT_SECONDS} s, {deadline.RUNS} stubborn programs, "
                 f"{deadline.CLIENTS} at a time")
    report.line("answered past the deadline: p50 (p99)",
                f"{late[len(late) // 2]:.0f} ({late[len(late) * 99 // 100]:.0f}) ms")
    report.line(f"p99.9 (most: {late[-1]:.0f} ms)", f"{worst:.0f} ms", "<= 250 ms", worst <= 250)


def show_agents(report, host):
    times = agents.measure(host)
    plain, modern, legacy = (statistics.median(times[name]) for name in ("plain", "modern", "legacy"))
    report.title(f"{agents.PROGRAM} for an agent, beside the plain API, by turns, {agents.ROUNDS} times: p50 (p90)")
    report.line("POST /api/v1/execute", spread(times["plain"]))
    report.line("tools/call of run_python, 2026-07-28", spread(times["modern"]))
    report.line("tools/call of run_python, 2025-03-26", spread(times["legacy"]))
    most = max(modern, legacy) - plain
    report.line("tools/call above the plain call", f"{most:.2f} ms", "<= 1 ms", most <= 1)


def show_data(report, host):
    times, cold = data.measure(host)
    table = statistics.median(times["table"])
    report.title(f"runtime python-data, {data.ROUNDS} times, in boxes that were ready: p50 (p90)")
    report.line("pass", spread(times["nothing"]))
    report.line("import pandas, a table, a sum", spread(times["table"]), "<= 10 ms", table <= 10)
    report.line("import matplotlib, a plot shown", spread(times["plot"]))
    report.line("boxes that were still importing", str(cold), "0", cold == 0)


PARTS = {"churn": show_churn, "compare": compare.show, "latency": show_latency, "agents": show_agents, "burst": burst.show,
         "sessions": lambda report, host: cells.show(report, host, create_json(host)), "reset": reuse.show_reset,
         "drift": reuse.show_drift, "cost": show_cost, "stream": stream.show, "data": show_data,
         "tests": suite.show, "deadline": show_deadline}


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--against", metavar="CHECKOUT")
    parser.add_argument("--at-least", metavar="TIMES", type=float)
    parser.add_argument("parts", metavar="PART", nargs="*")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part is called {' or '.join(sorted(unknown))}: there are {' '.join(PARTS)}")
    return options


def main(options):
    """Run all parts, or the named ones; with another checkout, first the comparison with it. The page with all results
    is written after each part."""
    host = os.environ["DOCKER_HOST"]
    begun = time.monotonic()
    report = Report(machine.describe(host))
    parts = [PARTS[name] for name in options.parts]
    if options.against:
        parts.insert(0, lambda *args: against.show(*args, options.against, options.at_least))
    for part in parts or PARTS.values():
        part(report, host)
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / "figures.json").write_text(json.dumps(report.figures(), indent=1), encoding="utf-8")
        page.write(report.figures(), FOLDER)
    print(f"({time.monotonic() - begun:.0f} s; build/bench/page.md has these figures, and plots)")


if __name__ == "__main__":
    main(arguments())
