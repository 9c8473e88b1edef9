"""Keys, and a gateway that needs a key and that other code has started."""

import json
import subprocess

from gateway import BINARY, Client, Gateway


def new_key(name):
    """(the key, its entry for the file)"""
    made = subprocess.run([BINARY, "key", "new", name], capture_output=True, text=True, check=True).stdout.split("\n")
    return made[1].strip(), json.loads(made[3])


class KeyedGateway(Gateway):
    """A gateway that is reached by connect(kind of client, timeout). Every client sends the key."""

    def __init__(self, connect, key, log):
        self.processes, self.log = [], log

        class KeyedClient(Client):
            def send(self, method, path, body=b"", headers=()):
                super().send(method, path, body, [*headers, ("authorization", f"Bearer {key}")])

        self._connect = lambda timeout: connect(KeyedClient, timeout)

    def __enter__(self):
        self.wait_health()
        return self

    def __exit__(self, *_):
        """Do nothing: other code ends the gateway."""

    def client(self, timeout=30):
        return self._connect(timeout)
