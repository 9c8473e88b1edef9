"""Measures one request at a time, paced so that the pool stays warm; beside it a bare subprocess and a bare attach
echo."""

import subprocess
import time

from dockerapi import Api, Attached
from gateway import Gateway

ROUNDS = 80
WARM_UP_ROUNDS = 3
FILL_SECONDS = 3  # until the pool is full
PACE_SECONDS = 0.5
OFFSETS = {"request": 0.0, "echo": 0.40, "subprocess": 0.42}  # within a round
CODE = 'print("hi")'


def measure(host, spec):
    """Returns the milliseconds of each round: request, subprocess, echo. The request comes first. The other two are
    measured once the replacement of its box has been made, so that each has the machine to itself."""
    times = {"request": [], "echo": [], "subprocess": []}
    with Gateway(host) as gateway, gateway.client() as client, Echo(host, spec) as echo:
        actions = {"request": lambda: request(client), "echo": echo.once, "subprocess": bare}
        time.sleep(FILL_SECONDS)
        next_round = time.monotonic()
        for turn in range(WARM_UP_ROUNDS + ROUNDS):
            for name, offset in OFFSETS.items():
                time.sleep(max(0, next_round + offset - time.monotonic()))
                took = timed(actions[name])
                if turn >= WARM_UP_ROUNDS:
                    times[name].append(took)
            next_round = max(next_round + PACE_SECONDS, time.monotonic())
    return times


def timed(action):
    """Milliseconds."""
    start = time.perf_counter_ns()
    action()
    return (time.perf_counter_ns() - start) / 1e6


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
