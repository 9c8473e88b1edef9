"""A real engine's side of session_soak.py: its cells, and faults of a private engine, of boxes and of interpreters.

The faults are those of accounting_real.py. In addition, interpreters are killed without an order from init. The cells'
own lists are the journal of what ran; containerd says at the end that no box lives.
"""

import contextlib
import os
import signal
import time
from pathlib import Path

import accounting_real

DEAD = ("created", "exited", "dead")
SETTLE_SECONDS = 150
RECALL = """\
import json, os, sys, time
recalled = globals().get("recalled", [])
recalled.append({name!r})
print(json.dumps(recalled), flush=True)
"""
CELLS = {
    "plain": "", "invalid": "", "slow": "time.sleep(0.1)", "dies": "os._exit(3)", "late": "time.sleep(60)",
    "dies_later": "import threading\nthreading.Timer(0.02, os._exit, [3]).start()",
    "stubborn": "while True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass",
    "oom": "filled = b'x' * (1 << 30)",
}
FIELDS = {"late": {"timeout": 0.5}, "stubborn": {"timeout": 0.5}, "invalid": {"nonsense": 1}}


class RealSide(accounting_real.RealSide):
    settings = accounting_real.RealSide.settings | {"MAYFLY_SESSIONS": 6}
    session = {"idle_timeout": 60}
    faults = ["front", "broker", "stopped", "killed", "hidden", "box_removed", "no_descriptors", "interpreter", "interpreter"]
    fault_seconds = 2.0

    def cell(self, name, kind):
        return {"code": RECALL.format(name=name) + CELLS[kind]} | FIELDS.get(kind, {"timeout": 10})

    def stopped(self, world, dice):
        self._stopped(world.gateway, dice, world.end)

    def killed(self, world, dice):
        self._killed(world.gateway, dice, world.end)

    def hidden(self, world, dice):
        self._hidden(world.gateway, dice, world.end)

    def box_removed(self, world, dice):
        self._box_removed(world.gateway, dice, world.end)

    def no_descriptors(self, world, dice):
        self._no_descriptors(world.gateway, dice, world.end)

    def interpreter(self, _world, dice):
        """The children of some boxes' init are killed, whatever they do."""
        boxes = self._engine.managed("status=running")
        for box in self._engine.inspect(dice.sample(boxes, min(3, len(boxes)))):
            pid = box["State"]["Pid"]
            for child in self._children(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)

    @staticmethod
    def _children(pid):
        try:
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
        except (FileNotFoundError, ProcessLookupError):
            return []  # the box has ended meanwhile

    def settle(self):
        """Wait until the reaper has removed what brokers that were killed have left: two sweeps, half a minute apart."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while dead := [box for state in DEAD for box in self._engine.managed(f"status={state}")]:
            assert time.monotonic() < deadline, f"{len(dead)} containers of brokers that were killed are left: {dead}"
            time.sleep(1)

    def differences(self, _ledgers):
        if left := self._left():
            yield f"{len(left)} containers are left: {left}"
        if alive := self._tasks.started & accounting_real.living_containers():
            yield f"{len(alive)} boxes live on: {sorted(alive)}"
