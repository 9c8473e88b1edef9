"""The boxes of one gateway, as the engine knows them: which there are, and what they use."""

import json
import time
import urllib.parse

from dockerapi import Api

LOOK_SECONDS = 0.5
QUIET_SECONDS = 0.01   # of CPU time, of all boxes together, from one look to the next
PATIENCE_SECONDS = 180


class Boxes:
    def __init__(self, host, gateway):
        self._api = Api(host.removeprefix("unix://"))
        instance = gateway.events("broker_started")[0]["instance"]
        self._target = "/containers/json?all=1&filters=" + urllib.parse.quote(
            json.dumps({"label": [f"mayfly.instance={instance}"]}))

    def _stats(self, box):
        return self._api.call("GET", f"/containers/{box}/stats?stream=false&one-shot=true")

    def memory_bytes(self):
        """What each one holds, as `docker stats` shows it: without pages that the kernel can take back at once."""
        held = {}
        for box in self._api.call("GET", self._target):
            memory = self._stats(box["Id"])["memory_stats"]
            counts = memory["stats"]
            held[box["Id"]] = memory["usage"] - counts.get("total_inactive_file", counts.get("inactive_file", 0))
        return held

    def _cpu_ns(self):
        """Of each one; None while one is coming or going, or there is none."""
        boxes = self._api.call("GET", self._target)
        if not boxes or any(box["State"] != "running" for box in boxes):
            return None
        try:
            return {box["Id"]: self._stats(box["Id"])["cpu_stats"]["cpu_usage"]["total_usage"] for box in boxes}
        except (OSError, KeyError, TypeError):  # it has gone meanwhile: an error, or an answer with nothing in it
            return None

    def wait_quiet(self):
        """Wait until no box is coming or going, and all have done their warm-up."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        before = None
        while True:
            now = self._cpu_ns()
            if before and now and before.keys() == now.keys() and \
                    sum(now.values()) - sum(before.values()) < QUIET_SECONDS * 1e9:
                return
            assert time.monotonic() < deadline, "the boxes do not come to rest"
            before = now
            time.sleep(LOOK_SECONDS)
