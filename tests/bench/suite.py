"""Measures a program of 10 ms with a hundred tests: the time of the whole request, beside a loop that starts python3
for each test, as many at a time as the gateway runs."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway import Gateway

TESTS = 100
ROUNDS = 7
SIDE_BY_SIDE = min(os.cpu_count(), 4)  # the default of MAYFLY_PARALLEL_TESTS
PROGRAM = """
import time
end = time.process_time() + 0.01
while time.process_time() < end:
    pass
print(input())
"""


def request(tests):
    return {"code": PROGRAM, "tests": [{"stdin": str(i), "expected_stdout": str(i)} for i in range(tests)]}


REQUEST = request(TESTS)


def measure(host):
    """Seconds of each round: of the request, of the loop; and the summaries of the answers."""
    requests, loops, answers = [], [], []
    with Gateway(host) as gateway, tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "main.py")
        program.write_text(PROGRAM, encoding="utf-8")
        for _ in range(ROUNDS):
            gateway.wait_metrics(lambda found: found.sum("mayfly_boxes", state="ready") >= SIDE_BY_SIDE
                                 and found.sum("mayfly_boxes", state="starting") == 0, 60)
            requests.append(timed(lambda: answers.append(submit(gateway))))
            loops.append(timed(lambda: loop(program)))
    return requests, loops, answers


def timed(action):
    begun = time.monotonic()
    action()
    return time.monotonic() - begun


def submit(gateway):
    with gateway.client() as client:
        answer = client.post(REQUEST).receive().json()
    assert answer["passed"] == TESTS, answer
    return answer


def loop(program):
    def run(number):
        done = subprocess.run([sys.executable, str(program)], input=str(number), capture_output=True, text=True, check=True)
        assert done.stdout == f"{number}\n"
    with ThreadPoolExecutor(SIDE_BY_SIDE) as workers:
        list(workers.map(run, range(TESTS)))


def show(report, host):
    requests, loops, answers = measure(host)
    tests = [test for answer in answers for test in answer["tests"]]
    boxes = sum(test["start"] != "reused" for test in tests) / ROUNDS
    each = statistics.median(test["execution_time"] for test in tests) * 1000
    report.title(f"a program of 10 ms with {TESTS} tests, {ROUNDS} times, {SIDE_BY_SIDE} tests side by side; load {os.getloadavg()[0]:.1f}")
    report.line("the whole request: p50", f"{statistics.median(requests):.2f} s", "<= 1.5 s", statistics.median(requests) <= 1.5)
    report.line("the quickest", f"{min(requests):.2f} s")
    report.line("a test's execution_time: p50", f"{each:.1f} ms")
    report.line("boxes for a request", f"{boxes:.1f}")
    report.line("a loop over python3 subprocesses: p50", f"{statistics.median(loops):.2f} s")
    report.line("request : loop", f"1 : {statistics.median(loops) / statistics.median(requests):.1f}")
