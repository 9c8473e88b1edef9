"""A network of its own, of which this machine's never hears: no way leads in or out but what is laid."""

import subprocess
from concurrent.futures import ThreadPoolExecutor

from gateway import Client
from pod import enter_network


class Network:
    def __enter__(self):
        # Holds it: sleep, for a process that does nothing.
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
        """Of a process in it."""
        return self._holder.pid

    def words(self, *words):
        """The command line that runs these in it."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net", *words]

    def run(self, *words):
        """What a command in it prints; a failing command fails the test."""
        done = subprocess.run(self.words(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
                              check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def connect(self, address, kind=Client, timeout=30):
        """A client in it; any thread may use it."""
        return self._inside.submit(kind, address, timeout).result()
