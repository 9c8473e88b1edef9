"""Programs of the runtime python-data, each in a box that was as warm as it gets: a table, a plot, nothing at all."""

import json
import time

from gateway import Gateway
from latency import timed

IMAGE = "mayfly-python-data:latest"
ROUNDS = 12
WARM = 2
PROGRAMS = {
    "nothing": "pass",
    "table": "import pandas as pd\nprint(pd.DataFrame({'a': [1, 2]})['a'].sum())",
    "plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()",
}
READY_SECONDS = 60
WARM_UP_SECONDS = 5  # what both boxes need to get as warm as they will, at the most; and the status comes once a second


def measure(host):
    """Returns the milliseconds of each request, by program, and the number of boxes that were not fully warm."""
    times = {name: [] for name in PROGRAMS}
    with Gateway(host, wait_ready=False, MAYFLY_RUNTIMES=f"python-data={IMAGE}={WARM}") as gateway:
        gateway.wait_health(200, timeout=READY_SECONDS)
        with gateway.client() as client:
            for _ in range(ROUNDS):
                for name, code in PROGRAMS.items():
                    wait_until_warm(client)
                    times[name].append(timed(lambda: run(client, code)))
        cold = sum(event["warmth"] < 1 for event in gateway.events("run_ended"))
    return times, cold


def run(client, code):
    answer = client.post({"code": code, "timeout": 30}).receive().json()  # slow machines import for long
    assert (answer["status"], answer["start"]) == ("success", "warm"), answer


def wait_until_warm(client):
    time.sleep(WARM_UP_SECONDS)
    deadline = time.monotonic() + READY_SECONDS
    while json.loads(client.request("GET", "/api/v1/runtimes").body)["runtimes"][0]["warm"] < WARM:
        assert time.monotonic() < deadline, "no box gets ready"
        time.sleep(0.1)
