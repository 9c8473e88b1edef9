"""A private engine in a network of its own, an island. It may have Docker's bridge and rules there. They do not affect
this machine's network, and end with the island. Its containers reach only each other."""

from gateway import Client
from network import Network
from ownengine import OwnEngine


class Island(OwnEngine):
    def __init__(self, state):
        super().__init__(state)
        self._settings["MAYFLY_ENGINE_BRIDGE"] = "1"
        self.network = Network()

    def __enter__(self):
        self.network.__enter__()
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.stop(purge=True)
        finally:
            self.network.__exit__()

    def _command_line(self, words):
        return self.network.words(*super()._command_line(words))

    def connect(self, port, kind=Client, timeout=30):
        """A client of the island's loopback; any thread may use it."""
        return self.network.connect(("127.0.0.1", port), kind, timeout)

    def take_images(self, other, names):
        """Copy images over from another engine: {name there: name here}."""
        archive = str(self.state / "images.tar")
        other.docker("save", "--output", archive, *names, timeout=300)
        self.load_images(archive, names)

    def load_images(self, archive, names):
        """From an archive that another engine has saved, as take_images."""
        self.docker("load", "--input", archive, timeout=300)
        for theirs, ours in names.items():
            self.docker("tag", theirs, ours)
