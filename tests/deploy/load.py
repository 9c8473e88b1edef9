"""Clients that retry by the API's rules, with a journal of the result of every attempt."""

import threading
import time
import uuid
from dataclasses import dataclass

RETRY_SECONDS = 0.1   # behind an attempt whose answer tells no time
REQUEST_SECONDS = 90  # for a request, its attempts all together


@dataclass
class Attempt:
    token: str   # of the request that it was for
    status: int  # 0: the connection failed
    detail: str  # of a 200, the answer's status


class Load:
    """Clients that send one request after the other, from `with` to its end. Each keeps its connection as long as
    possible."""

    def __init__(self, front, clients):
        self.journal, self._attempts = [], {}  # how many each client has behind it
        self._front, self._over, self._news = front, threading.Event(), threading.Condition()
        self._threads = [threading.Thread(target=self._circle) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join(REQUEST_SECONDS)

    def answered(self):
        """Returns the requests that got their answer."""
        return [attempt.token for attempt in self.journal if attempt.status == 200]

    def wait_answered(self, more):
        """Wait until this many more requests have got their answer."""
        with self._news:
            wanted = len(self.answered()) + more
            assert self._news.wait_for(lambda: len(self.answered()) >= wanted, REQUEST_SECONDS), self.journal[-20:]

    def wait_each(self):
        """Until each client has an attempt behind it that was not over yet."""
        with self._news:
            before = dict(self._attempts)
            assert self._news.wait_for(lambda: all(self._attempts[each] > before[each] for each in before),
                                       REQUEST_SECONDS), self.journal[-20:]

    def _note(self, *attempt):
        with self._news:
            self.journal.append(Attempt(*attempt))
            self._attempts[threading.get_ident()] = self._attempts.get(threading.get_ident(), 0) + 1
            self._news.notify_all()

    def _circle(self):
        client = None
        while not self._over.is_set():
            token = uuid.uuid4().hex
            client = self._request(client, token)
        if client:
            client.close()

    def _request(self, client, token):
        """Try until the request is answered. Returns the connection for the next one."""
        deadline = time.monotonic() + REQUEST_SECONDS
        body = {"code": f"import time; time.sleep(0.2); print({token!r})"}
        while time.monotonic() < deadline:
            wait = RETRY_SECONDS
            try:
                client = client or self._front.client()
                response = client.post(body).receive()
            except OSError as error:
                self._note(token, 0, repr(error))
                client = close(client)
            else:
                if response.status == 200:
                    self._note(token, 200, outcome(response.json(), token))
                    return client if response.headers.get("connection") != "close" else close(client)
                self._note(token, response.status, response.body.decode())
                client = close(client)
                wait = float(response.headers.get("retry-after", RETRY_SECONDS))
            threading.Event().wait(wait)
        self._note(token, 0, "gave up")
        return client


def outcome(answer, token):
    return answer["status"] if answer["stdout"] == f"{token}\n" else repr(answer)


def close(client):
    """Close the connection. Returns None, the caller's new connection."""
    if client:
        client.close()
