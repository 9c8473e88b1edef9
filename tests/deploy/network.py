"""A network of its own, separate from this machine's: it has only the connections that a test adds."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

from gateway import Client
from pod import enter_network


class Network:
    def __enter__(self):
        # This process, a sleep, keeps the network alive.
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep infinity"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self._inside = ThreadPoolExecutor(1)
        try:
            assert self._holder.stdout.readline() == b"up\n"
            self._inside.submit(enter_network, self._holder.pid).result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._holder.kill()
        self._holder.wait()
        self._holder.stdout.close()
        self._inside.shutdown()

    @property
    def pid(self):
        """Returns the pid of a process in the network."""
        return self._holder.pid

    def words(self, *words):
        """Returns the command line that runs these words in the network."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", *words]

    def run(self, *words):
        """Run a command in the network. Returns its output. A failing command fails the test."""
        done = subprocess.run(self.words(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                              check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def connect(self, address, kind=Client, timeout=30):
        """Returns a client in the network; any thread may use it."""
        return self._inside.submit(kind, address, timeout).result()
