"""The fake engine's side of session_soak.py: its cells and faults, and its journal of what ran."""

import collections
import json

import faults
from accounting_fake import OnFakeEngine

CELLS = {
    "plain": {}, "invalid": {}, "slow": {"sleep_ms": 20}, "dies": {"dies": 3}, "dies_later": {"dies_later": True},
    "late": {"gate": "never"}, "stubborn": {"gate": "never", "stubborn": True}, "oom": {"oom": True},
}
FIELDS = {"late": {"timeout": 0.1}, "stubborn": {"timeout": 0.1}, "invalid": {"nonsense": 1}}
CALLS = [faults.close(), faults.status(500), faults.hang(), faults.cut_body(), faults.garbage(), faults.Boot(die=True)]


class FakeSide(OnFakeEngine):
    settings = {"MAYFLY_WARM": 4, "MAYFLY_MAX_BOXES": 16, "MAYFLY_SESSIONS": 8, "MAYFLY_ENGINE_TIMEOUT_MS": 500}
    session = {"idle_timeout": 5}
    faults = ["front", "broker", "engine", "box", "box", "calls"]
    fault_seconds, pause_s = 0.3, 0.02

    def cell(self, name, kind):
        return {"code": json.dumps({"recall": name} | CELLS[kind])} | FIELDS.get(kind, {"timeout": 5})

    def engine(self, _world, _dice):
        self._engine.stop()
        self._engine.start()

    def box(self, _world, dice):
        if boxes := self._engine.sessions():
            self._engine.crash(dice.choice(boxes), oom=dice.random() < 0.5)

    def calls(self, world, dice):
        fault = dice.choice(CALLS)
        kind = "boot" if isinstance(fault, faults.Boot) else "any"
        self._engine.script(kind, fault, nth=dice.randint(1, 3), count=dice.randint(1, 4))
        world.end.wait(self.fault_seconds)
        self._engine.heal()

    def heal(self):
        self._engine.heal()

    def settle(self):
        """Its containers go at once."""

    def differences(self, ledgers):
        """No cell ran twice, and none that was refused ran at all."""
        ran = collections.Counter(json.loads(run.job.source)["recall"] for run in self._engine.runs if run.job.is_cell)
        for cell in [cell for cell, times in ran.items() if times > 1]:
            yield f"{cell} ran {ran[cell]} times"
        for ledger in ledgers:
            if broken := ledger.refused & set(ran):
                yield f"{ledger.name}: refused, and ran: {broken}"
        if left := self._engine.managed():
            yield f"{len(left)} containers are left"
