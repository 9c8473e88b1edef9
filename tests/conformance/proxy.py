"""A proxy that judges by the description what goes through it: an answer that it does not name becomes a 500."""

import socket
import subprocess
import time
from pathlib import Path

from gateway import free_port

PRISM = Path(__file__).resolve().parent / "node_modules/.bin/prism"
START_SECONDS = 60


class Proxy:
    """Use it with `with`. It leaves requests alone: wrong ones are sent on purpose."""

    def __init__(self, document, url, log):
        self.address = ("127.0.0.1", free_port())
        self._log = open(log, "w", encoding="utf-8")  # closed by __exit__
        command = [PRISM, "proxy", document, url, "--port", str(self.address[1]), "--errors",
                   "--validate-request=false", "--cors=false", "--verboseLevel=warn"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)

    def __enter__(self):
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise AssertionError(f"the proxy did not start: {Path(self._log.name).read_text('utf-8')}")
            time.sleep(0.05)
        return self

    def _answers(self):
        try:
            socket.create_connection(self.address).close()
            return True
        except ConnectionError:
            return False

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._log.close()
