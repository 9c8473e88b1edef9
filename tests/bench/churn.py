"""Measures boxes a second, from create to remove: through the gateway; in a bare loop over the engine's API in which
init runs the same program; and in a bare loop whose containers, made with the same JSON, run /bin/true.

Slices of the three alternate, so that whatever else the machine does hits all of them. A slice of the gateway ends when
its pool is as full as at the beginning, so that the boxes that were ready at first do not count.
"""

import json
import os
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from dockerapi import Api, Box
from gateway import Gateway

SLICES = 4
SLICE_SECONDS = 7
WORKERS = 8
CODE = 'print("hi")'


def measure(host, spec):
    """Returns boxes a second over all slices: of the "gateway", of bare "runs", and of bare containers that run only
    "true"."""
    path = host.removeprefix("unix://")
    true_spec = spec | {"Entrypoint": ["/bin/true"], "Cmd": []}
    slices = {"gateway": [], "runs": [], "true": []}
    with Gateway(host) as gateway:
        pool = Pool(path)
        pool.wait_full()
        for number in range(SLICES):
            slices["true"].append(slice_of(lambda worker, n=number: true_worker(path, true_spec, f"{n}-{worker}")))
            slices["runs"].append(slice_of(lambda worker, n=number: run_worker(path, spec, f"{n}-{worker}")))
            slices["gateway"].append(slice_of(lambda _: gateway_worker(gateway), pool.wait_full))
    return {name: rate(of_it) for name, of_it in slices.items()}


def rate(slices):
    return sum(count for count, _ in slices) / sum(seconds for _, seconds in slices)


def slice_of(worker, settle=lambda: None):
    """(boxes, seconds) of WORKERS at work."""
    begun = time.monotonic()
    with ThreadPoolExecutor(WORKERS) as workers:
        count = sum(workers.map(worker, range(WORKERS)))
    settle()
    return count, time.monotonic() - begun


def rounds():
    """Count up until the slice is over."""
    end = time.monotonic() + SLICE_SECONDS
    count = 0
    while time.monotonic() < end:
        count += 1
        yield count


def run_worker(path, spec, name):
    box = Box(path, spec, f"bench-{os.getpid()}-{name}")
    count = 0
    for count in rounds():
        box.run(count, CODE)
    return count


def true_worker(path, spec, name):
    api = Api(path)
    count = 0
    for count in rounds():
        box = api.call("POST", f"/containers/create?name=bench-{os.getpid()}-true-{name}-{count}", spec)["Id"]
        api.call("POST", f"/containers/{box}/start")
        assert api.call("POST", f"/containers/{box}/wait")["StatusCode"] == 0
        api.call("DELETE", f"/containers/{box}?force=1&v=1")
    return count


def gateway_worker(gateway):
    count = 0
    with gateway.client() as client:
        for count in rounds():
            assert client.post({"code": CODE}).receive().status == 200
    return count


class Pool:
    """The gateway's boxes, as the engine lists them."""

    def __init__(self, path):
        self._api = Api(path)
        self._target = "/containers/json?all=1&filters=" + urllib.parse.quote(
            json.dumps({"label": ["mayfly.managed=1"]}))
        self._full = None

    def wait_full(self):
        """Wait until as many boxes run as at the first time, and none is coming or going."""
        stable, last = 0, None
        while stable < 3:
            time.sleep(0.02)
            boxes = self._api.call("GET", self._target)
            now = sorted(box["Id"] for box in boxes)
            quiet = boxes and all(box["State"] == "running" for box in boxes)
            full = self._full in (None, len(boxes))
            stable = stable + 1 if quiet and full and now == last else 0
            last = now
            if self._full is None and stable == 1:
                time.sleep(2)  # the first fill: nothing says how many there will be
        self._full = len(last)
