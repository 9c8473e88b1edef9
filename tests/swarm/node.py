"""A machine of a swarm: an island that is connected to a switch, and whose power can fail."""

import os
import signal
import subprocess
from pathlib import Path

from island import Island

# The engine's, on each node: in a folder that each engine mounts for itself.
SOCKET = "/run/docker/mayfly-test.sock"


class Node(Island):
    def __init__(self, state, address, switch):
        state.mkdir()
        super().__init__(state)
        self.address, self._switch, self._cable = address, switch, f"to-{address}"

    def __enter__(self):
        super().__enter__()
        self._switch.run("ip", "link", "add", self._cable, "type", "veth", "peer", "name", "eth0",
                         "netns", str(self.network.pid))
        self._switch.run("ip", "link", "set", self._cable, "master", "switch", "up")
        self.network.run("ip", "address", "add", f"{self.address}/24", "dev", "eth0")
        self.network.run("ip", "link", "set", "eth0", "up")
        return self

    def start(self, *args):
        """As OwnEngine.start; the engine is at SOCKET, too."""
        if args:
            return super().start(*args)
        super().start()
        return subprocess.run(["nsenter", f"--mount=/proc/{self.pid()}/ns/mnt", "ln", "-s", self.socket, SOCKET],
                              check=True)

    def power_fails(self):
        """Cut the network at once, and then kill all processes."""
        cgroup = self.cgroup()
        self._switch.run("ip", "link", "set", self._cable, "down")
        while pids := self.processes(cgroup):
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass

    def power_returns(self):
        self._switch.run("ip", "link", "set", self._cable, "up")
        self.start()

    def processes(self, cgroup=None):
        """The pids of the engine's own, and of those below a cgroup."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                text = (process / "cmdline").read_text(encoding="utf-8", errors="replace")
                groups = (process / "cgroup").read_text(encoding="utf-8")
            except OSError:
                continue
            if f"{self.state}/engine/run" in text or cgroup and f"/{cgroup}/" in groups:
                found.append(int(process.name))
        return found
