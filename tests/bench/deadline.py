"""Measures how late the answers at a timeout are, for several kinds of programs that do not end, several at a time."""

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor

from gateway import Gateway

TIMEOUT_SECONDS = 1
RUNS = 1000  # so that the 99.9th percentile is one of them
CLIENTS = 2 * (os.cpu_count() or 1)
PROGRAMS = [
    "while True: pass",
    "import time; time.sleep(60)",
    "import signal, time\nfor n in set(range(1, 65)) - {9, 19, 32, 33}: signal.signal(n, signal.SIG_IGN)\ntime.sleep(60)",
    "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "while True: print('x' * 1000)",
    "import os, time\nfor _ in range(30):\n    if os.fork() == 0: break\ntime.sleep(60)",
    "import subprocess; subprocess.run(['/bin/sleep', '60'])",
]


def measure(host):
    """Returns the milliseconds after the deadline of each run, sorted. The wait for a box does not count."""
    with Gateway(host, MAYFLY_WARM=2 * CLIENTS) as gateway, ThreadPoolExecutor(CLIENTS) as clients:
        return sorted(clients.map(lambda number: overshoot(gateway, PROGRAMS[number % len(PROGRAMS)]), range(RUNS)))


def overshoot(gateway, code):
    body = json.dumps({"code": code, "timeout": TIMEOUT_SECONDS}).encode()
    with gateway.client() as client:
        begun = time.perf_counter()
        answer = client.post(body).receive().json()
        took = time.perf_counter() - begun
    assert answer["status"] == "timeout", answer
    return 1000 * (took - answer["queue_time"] - TIMEOUT_SECONDS)
