"""Measures the CPU time of front and broker for a request, and their memory for a thousand waiting ones. The engine is
the fake one, so that the numbers are only the gateway's."""

import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine import Engine
from gateway import Gateway

REQUESTS = 3000
CLIENTS = 8
WAITING = 1000


def measure():
    """Milliseconds of CPU a request, and MiB resident with WAITING requests in the queue, by role."""
    with tempfile.TemporaryDirectory() as folder, Engine(f"{folder}/docker.sock") as engine:
        host = f"unix://{engine.path}"
        return cpu(host), memory(host, engine)


def cpu_seconds(pids):
    spent = {}
    for role, pid in pids.items():
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        spent[role] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return spent


def cpu(host):
    with Gateway(host, MAYFLY_WARM=16, MAYFLY_MAX_BOXES=64) as gateway:
        serve(gateway, REQUESTS // 10)
        pids = gateway.pids()
        before = cpu_seconds(pids)
        serve(gateway, REQUESTS)
        after = cpu_seconds(pids)
    return {role: (after[role] - before[role]) * 1000 / REQUESTS for role in pids}


def serve(gateway, count):
    def worker(_):
        with gateway.client() as client:
            for _ in range(count // CLIENTS):
                assert client.post({"code": 'print("hi")'}).receive().status == 200
    with ThreadPoolExecutor(CLIENTS) as workers:
        list(workers.map(worker, range(CLIENTS)))


def memory(host, engine):
    settings = {"MAYFLY_WARM": 4, "MAYFLY_MAX_BOXES": 8, "MAYFLY_MAX_WAITING": WAITING + 100}
    with Gateway(host, **settings) as gateway:
        clients = [gateway.client() for _ in range(WAITING + 8)]
        body = {"code": json.dumps({"gate": "bench"}), "timeout": 30}
        for client in clients:
            client.post(body)
        engine.wait(lambda: len([run for run in engine.runs if not run.end]) == 8, "8 runs")
        wait_until_sent(gateway)
        resident = {role: resident_mib(pid) for role, pid in gateway.pids().items()}
        engine.open("bench")
        statuses = [client.receive().status for client in clients]
        assert statuses == [200] * len(clients)
        for client in clients:
            client.close()
    return resident


def wait_until_sent(gateway):
    """An answer to a request that came last: all before it have been read."""
    with gateway.client() as client:
        assert client.request("GET", "/livez").status == 200
    time.sleep(0.5)


def resident_mib(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
