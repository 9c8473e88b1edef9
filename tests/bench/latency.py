"""One request at a time, paced so that the pool stays warm; beside it a bare subprocess and a bare attach echo."""

import subprocess
import time

from dockerapi import Api, Attached
from gateway import Gateway

ROUNDS = 80
PACE_SECONDS = 0.5
CODE = 'print("hi")'


def measure(host, spec):
    """Milliseconds of each round: request, subprocess, echo."""
    times = {"request": [], "subprocess": [], "echo": []}
    with Gateway(host) as gateway, gateway.client() as client, Echo(host, spec) as echo:
        time.sleep(2)  # the pool fills
        for turn in range(ROUNDS + 3):
            begun = time.monotonic()
            for name, action in (("request", lambda: request(client)), ("subprocess", bare),
                                 ("echo", echo.once)):
                start = time.perf_counter_ns()
                action()
                if turn >= 3:
                    times[name].append((time.perf_counter_ns() - start) / 1e6)
                time.sleep(0.03)  # nothing of one measure is left when the next begins
            time.sleep(max(0, PACE_SECONDS - (time.monotonic() - begun)))
    return times


def request(client):
    answer = client.post(b'{"code":"print(\\"hi\\")"}').receive()
    assert answer.status == 200 and b'"stdout":"hi\\n"' in answer.body, answer


def bare():
    done = subprocess.run(["/usr/bin/python3", "-c", CODE], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, close_fds=False, check=True)
    assert done.stdout == b"hi\n"


class Echo:
    """A container that runs cat."""

    def __init__(self, host, spec):
        self._path = host.removeprefix("unix://")
        self._spec = spec | {"Entrypoint": ["/bin/cat"], "Cmd": []}

    def __enter__(self):
        self._api = Api(self._path)
        self._id = self._api.call("POST", "/containers/create", self._spec)["Id"]
        self._stream = Attached(self._path, self._id)
        self._api.call("POST", f"/containers/{self._id}/start")
        return self

    def __exit__(self, *_):
        self._stream.close()
        self._api.call("DELETE", f"/containers/{self._id}?force=1&v=1")

    def once(self):
        self._stream.send(b"hi\n")
        assert self._stream.read() == b"hi\n"
