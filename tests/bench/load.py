"""Clients in a closed loop: each sends its next request as soon as it is answered. All run in one thread, to need
little CPU time."""

import selectors
import time
from dataclasses import dataclass, field

from gateway import ANSWER_SECONDS, Client

PROOF = (b'"status":"success"', b'"stdout":"hi\\n"')  # in every answer


class ClosedLoop:
    """Clients of the service at this address, which all send this body, whose program prints hi."""

    def __init__(self, address, body, clients):
        self.count = 0  # of all answers
        self._body = body
        self._begun = {}
        self._selector = selectors.DefaultSelector()
        for _ in range(clients):
            client = Client(address)
            self._selector.register(client.socket, selectors.EVENT_READ, client)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        """Wait for all pending requests, because an abandoned request would cost a box. A service may close an idle
        connection."""
        for key in list(self._selector.get_map().values()):
            if any(failure) or key.data not in self._begun:
                self._close(key.data)
        while self._selector.get_map():
            client = self._ready()
            self._receive(client)
            self._close(client)
        self._selector.close()

    def _close(self, client):
        self._selector.unregister(client.socket)
        client.close()

    def answers(self):
        """(moment, seconds that it took) of each answer, without end. Its client asks again when the next is wanted."""
        for key in list(self._selector.get_map().values()):
            self._ask(key.data)
        while True:
            client = self._ready()
            yield self._receive(client)
            self._ask(client)

    def _ready(self):
        ready = self._selector.select(ANSWER_SECONDS)
        assert ready, f"no answer within {ANSWER_SECONDS} s"
        return ready[0][0].data

    def _ask(self, client):
        self._begun[client] = time.perf_counter()
        client.post(self._body)

    def _receive(self, client):
        answer = client.receive()
        moment = time.perf_counter()
        assert answer.status == 200 and all(part in answer.body for part in PROOF), answer
        self.count += 1
        return moment, moment - self._begun.pop(client)


@dataclass
class Load:
    """The answers to a number of clients, over all slices."""

    clients: int
    seconds: float = 0
    times: list = field(default_factory=list)  # seconds of each answer

    @property
    def rate(self):
        return len(self.times) / self.seconds

    def percentile_ms(self, share):
        ranks = sorted(self.times)
        return 1000 * ranks[min(len(ranks) - 1, int(share * len(ranks)))]

    def figures(self):
        """Returns the figures for a page."""
        return {"clients": self.clients, "rate": self.rate, "p50_ms": self.percentile_ms(0.5),
                "p99_ms": self.percentile_ms(0.99)}


def add_slice(load, address, body, seconds, lead_in_seconds):
    """Measure for this time, and until one more answer comes, after a lead-in that uses up the ready boxes. Returns the
    number of all answers."""
    with ClosedLoop(address, body, load.clients) as loop:
        begin = time.perf_counter() + lead_in_seconds
        for moment, took in loop.answers():
            if moment >= begin:
                load.times.append(took)
            if moment >= begin + seconds:
                break
    load.seconds += moment - begin
    return loop.count
