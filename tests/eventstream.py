"""A reader of text/event-stream, over a Client of gateway.py.

    with EventStream(gateway.post({"code": "print(1)"}, headers=[EVENTS])) as stream:
        for event in stream:
            print(event.id, event.name, event.data)
"""

import json
from dataclasses import dataclass

EVENTS = ("accept", "text/event-stream")


@dataclass
class Event:
    id: int
    name: str
    text: str  # of its one data line

    @property
    def data(self):
        return json.loads(self.text)


class EventStream:
    def __init__(self, client):
        self.client = client
        self.status, self.headers = client.receive_head()
        assert self.status == 200, client.receive_chunk()
        assert self.headers["content-type"] == "text/event-stream", self.headers
        self._text = b""
        self.comments = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def __iter__(self):
        while (event := self.next()) is not None:
            yield event

    def block(self):
        """Returns the lines of the next block, which is a comment or an event; None at the end of the stream."""
        while b"\n\n" not in self._text:
            chunk = self.client.receive_chunk()
            if not chunk:
                assert not self._text, f"the stream ended within an event: {self._text[-200:]!r}"
                return None
            self._text += chunk
        block, _, self._text = self._text.partition(b"\n\n")
        return block.decode().split("\n")

    def next(self):
        """Returns the next event; None at the end of the stream."""
        while (lines := self.block()) is not None:
            if lines == [": ping"]:
                self.comments += 1
                continue
            names = [line.partition(": ")[0] for line in lines]
            assert names == ["id", "event", "data"], lines
            number, name, text = (line.partition(": ")[2] for line in lines)
            return Event(int(number), name, text)
        return None

    def until(self, name):
        """Returns the events up to and including the first with this name."""
        events = []
        for event in self:
            events.append(event)
            if event.name == name:
                return events
        raise AssertionError(f"no event {name} among {events}")


def said(events, name):
    """Returns all output of one stream's events, joined."""
    return "".join(event.data for event in events if event.name == name)
