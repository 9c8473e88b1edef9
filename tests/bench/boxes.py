"""The boxes of one gateway as the engine lists them, and the resources that they use."""

import json
import sys
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

from dockerapi import Api

LOOK_SECONDS = 0.1     # between two looks, each of which takes the engine a second
QUIET_SECONDS = 0.02   # of CPU time, of all boxes together, from one look to the next
PATIENCE_SECONDS = 30  # on a busy machine they never rest, and the figures say nothing anyhow


class Boxes:
    def __init__(self, host, gateway):
        self._path = host.removeprefix("unix://")
        instance = gateway.events("broker_started")[0]["instance"]
        self._target = "/containers/json?all=1&filters=" + urllib.parse.quote(
            json.dumps({"label": [f"mayfly.instance={instance}"]}))

    def _list(self):
        with Api(self._path) as api:
            return api.call("GET", self._target)

    def _stats(self, boxes):
        """Returns the engine's counts of each box, by id, without boxes that have ended. All calls run at once, because
        each waits for the engine's next count."""
        def ask(box):
            try:
                with Api(self._path) as api:
                    return api.call("GET", f"/containers/{box['Id']}/stats?stream=false&one-shot=1")
            except OSError:
                return None
        with ThreadPoolExecutor(len(boxes)) as at_once:
            said = at_once.map(ask, boxes)
        return {box["Id"]: stats for box, stats in zip(boxes, said) if stats and stats["memory_stats"]}

    def memory_bytes(self):
        """Returns the memory of each box, as `docker stats` shows it: without pages that the kernel can free at
        once."""
        held = {}
        for box, stats in self._stats(self._list()).items():
            memory = stats["memory_stats"]
            counts = memory["stats"]
            held[box] = memory["usage"] - counts.get("total_inactive_file", counts.get("inactive_file", 0))
        return held

    def _cpu_ns(self):
        """Returns the CPU time of each box; None while a box is started or removed, or there is none."""
        boxes = self._list()
        if not boxes or any(box["State"] != "running" for box in boxes):
            return None
        found = {box: stats["cpu_stats"]["cpu_usage"]["total_usage"] for box, stats in self._stats(boxes).items()}
        return found if len(found) == len(boxes) else None

    def wait_quiet(self):
        """Wait, for a limited time, until no box is started or removed, and all have done their warm-up."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        before = None
        while True:
            now = self._cpu_ns()
            if before and now and before.keys() == now.keys() and \
                    sum(now.values()) - sum(before.values()) < QUIET_SECONDS * 1e9:
                return
            if time.monotonic() > deadline:
                print(f"bench: the boxes do not rest after {PATIENCE_SECONDS} s: is the machine busy?", file=sys.stderr)
                return
            before = now
            time.sleep(LOOK_SECONDS)
