"""An engine on an island: private, in a network of its own. It may have Docker's bridge and rules there, of which this
machine's network never hears, and they end with it. Its containers reach each other and nothing else."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

from gateway import Client
from ownengine import OwnEngine
from pod import enter_network


class Island(OwnEngine):
    def __init__(self, state):
        super().__init__(state)
        self._settings["MAYFLY_ENGINE_BRIDGE"] = "1"
        self._inside = ThreadPoolExecutor(1)

    def __enter__(self):
        # Holds the network: sleep, for a process that does nothing.
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        try:
            assert self._holder.stdout.readline() == b"up\n"
            self._inside.submit(enter_network, self._holder.pid).result()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.stop(purge=True)
        finally:
            self._holder.kill()
            self._holder.wait()
            self._inside.shutdown()

    def _command_line(self, words):
        return ["nsenter", f"--net=/proc/{self._holder.pid}/ns/net", *super()._command_line(words)]

    def connect(self, port, kind=Client, timeout=30):
        """A client of the island's loopback; any thread may use it."""
        return self._inside.submit(kind, ("127.0.0.1", port), timeout).result()

    def take_images(self, other, names):
        """Copy images over from another engine: {name there: name here}."""
        archive = str(self.state / "images.tar")
        other.docker("save", "--output", archive, *names, timeout=300)
        self.docker("load", "--input", archive, timeout=300)
        for theirs, ours in names.items():
            self.docker("tag", theirs, ours)
