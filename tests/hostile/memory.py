"""Measures the peak memory of a gateway's processes."""

from pathlib import Path


class Memory:
    def __init__(self, gateway):
        self._pids = list(gateway.pids().values())
        for pid in self._pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
        self._before = self._sum("VmRSS")

    def _sum(self, name):
        return sum(int(line.split()[1]) << 10 for pid in self._pids
                   for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
                   if line.startswith(name + ":"))

    def growth_bytes(self):
        """Returns the peak since the start, minus the memory at the start."""
        return self._sum("VmHWM") - self._before
