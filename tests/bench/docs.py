"""Runs while /docs is served: what those notice who run programs when others load the page and all that it names.

    tests/bench/docs.py [clients]     the engine is the fake one

Clients load the page in a loop, as fast as they can, and one more takes the largest of its files slowly. That costs the
machine time whoever serves it, so each figure stands beside the same one with another gateway serving them: what is
left is how long a run waits behind pages. The three cases take turns, so that whatever else changes meanwhile changes
for all. The clients are processes of their own, since the fake engine needs this one.
"""

import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "system")]

from crowd import latencies, percentile  # noqa: E402
from engine import Engine  # noqa: E402
from gateway import Client, Gateway  # noqa: E402

ROUNDS = 4
RUNS = 150       # of each case, in each round
PACE_S = 0.01    # between runs, so that the pool is warm
TARGETS = ((0.5, 1.5), (0.99, 2))  # of which percentile, at most so many times the other's
BROTLI = ("accept-encoding", "br")
SLOW_BYTES, SLOW_PAUSE_S = 8 << 10, 0.05  # 160 KiB a second: too slow for its socket, quick enough for the gateway


# ---- a process that loads ----

def paths_of_page(client):
    page = client.request("GET", "/docs").body.decode()
    return ["/docs", *("/" + path for path in re.findall(r'(?:src|href)="(assets/[^"]+)"', page))]


def load(port, pages):
    with Client(("127.0.0.1", port)) as client:
        paths = paths_of_page(client)
        while True:
            for path in paths:
                answer = client.request("GET", path, headers=[BROTLI])
                assert answer.status == 200, (path, answer.status)
            pages.append(path)


def load_slowly(port):
    with Client(("127.0.0.1", port)) as client:
        largest = max(paths_of_page(client), key=lambda path: len(client.request("GET", path).body))
    while True:
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOW_BYTES)
            reader.connect(("127.0.0.1", port))
            reader.sendall(f"GET {largest} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n".encode())
            while reader.recv(SLOW_BYTES):
                time.sleep(SLOW_PAUSE_S)


def be_loader(port, clients):
    """Until standard input ends; then the number of pages that were loaded is printed."""
    pages = []
    for target, args in [(load, (port, pages))] * clients + [(load_slowly, (port,))]:
        threading.Thread(target=target, args=args, daemon=True).start()
    while not pages:
        time.sleep(0.01)
    print("loading", flush=True)
    sys.stdin.read()
    print(len(pages), flush=True)


class Loader:
    def __init__(self, port, clients):
        self._process = subprocess.Popen([sys.executable, __file__, "load", str(port), str(clients)],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "loading\n"

    def end(self):
        """How many pages it has loaded."""
        pages, _ = self._process.communicate(timeout=30)
        return int(pages)


# ---- the runs ----

def runs(client):
    def ask():
        answer = client.post({"code": '{"stdout": "x"}'}).receive()
        assert answer.status == 200 and answer.json()["stdout"] == "x", answer

    return latencies(ask, RUNS, lambda number: time.sleep(PACE_S))


def measure(clients):
    """Seconds of every run by case, sorted; the pages that were loaded beside them, of both gateways together."""
    times, pages = {"alone": [], "other": [], "same": []}, 0
    settings = {"MAYFLY_WARM": 4, "MAYFLY_LOG_LEVEL": "warning"}
    with ExitStack() as stack:
        here, there = (stack.enter_context(tempfile.TemporaryDirectory()) for _ in range(2))
        mine, other = (stack.enter_context(Gateway(
            f"unix://{stack.enter_context(Engine(f'{folder}/docker.sock')).path}", **settings))
            for folder in (here, there))
        client = stack.enter_context(mine.client())
        runs(client)  # what a first round costs is no page's doing
        for _ in range(ROUNDS):
            times["alone"] += runs(client)
            for case, gateway in (("other", other), ("same", mine)):
                loader = Loader(gateway.port, clients)
                times[case] += runs(client)
                pages += loader.end()
    return {case: sorted(values) for case, values in times.items()}, pages


def main(clients):
    times, pages = measure(clients)
    print(f"runs while {clients} clients load /docs in a loop, and one its largest file slowly; {pages} pages in all")
    for case, name in (("alone", "no page is served"), ("other", "another gateway serves"), ("same", "this one serves")):
        p50, p99 = (percentile(times[case], share) * 1000 for share, _ in TARGETS)
        print(f"  {name:<24} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
    for share, most in TARGETS:
        ratio = percentile(times["same"], share) / percentile(times["other"], share)
        print(f"  p{share * 100:.0f}, this one to another: {ratio:.2f}   <= {most}   {'yes' if ratio <= most else 'NO'}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["load"]:
        be_loader(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
