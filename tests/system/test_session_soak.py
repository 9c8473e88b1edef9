"""Every cell of a session is accounted for while front, broker, engine and boxes are killed: a short session_soak.py; `make
soak` has the long one, on a real engine. And the ledger sees what is wrong."""

import json

import pytest

from session_soak import Answer, Ledger, play
from session_soak_fake import FakeSide

SECONDS = 8


def test_every_cell_is_accounted_for():
    with FakeSide() as side:
        assert play(side, SECONDS) == []


def heard(*recalled, generation=1, lost=False, status="success", **note):
    session = {"state": "idle", "generation": generation, "state_lost": lost, **note}
    return Answer(200, {"status": status, "stdout": json.dumps(recalled), "session": session})


NOTHING = Answer()
BUSY = Answer(409, {"code": "session_busy"})
UNKNOWN = Answer(200, {"status": "failed", "reason": "sandbox"})
GONE = Answer(410, {"code": "session_gone", "reason": "crashed"})


def mistakes(*steps):
    """Cells a, b, c ... with these answers, one after the other."""
    ledger = Ledger("s")
    return [wrong for cell, answer in zip("abcdef", steps) for wrong in ledger.take([(cell, answer)])]


@pytest.mark.parametrize("steps", [
    [heard("a"), heard("a", "b")],
    [heard("a"), BUSY, heard("a", "c")],
    [heard("a"), NOTHING, heard("a", "b", "c")],
    [heard("a"), NOTHING, heard("a", "c")],
    [heard("a"), heard("b", generation=2, lost=True), heard("b", "c", generation=2)],
    [heard("a"), heard("a", "b", generation=2, lost=True, status="error"), heard("c", generation=2)],
    [heard("a"), NOTHING, heard("c", generation=2)],
    [heard("a"), GONE],
    [heard("a"), UNKNOWN, GONE],
])
def test_the_ledger_finds_no_mistake_where_there_is_none(steps):
    assert mistakes(*steps) == []


@pytest.mark.parametrize("steps", [
    [heard("a"), heard("b")],                                          # the state was lost in silence
    [heard("a"), heard("b", generation=2)],                            # it was not said to the client that heard all
    [heard("a"), BUSY, heard("a", "b", "c")],                          # a cell that was refused has run
    [heard("a"), NOTHING, heard("b", "c")],                            # lost in silence beside a hang-up
    [heard("a"), NOTHING, heard("a", "b", "b", "c")],                  # it ran twice
    [heard("a"), heard("a", "x", "b")],                                # another's cell
    [heard("a"), heard("a", "b", generation=2, lost=True), heard("a", "b", "c", generation=2)],  # said to be lost, and was not
    [heard("a", generation=2, lost=True), heard("a", "b", generation=1)],
    [heard("a"), Answer(410, {"code": "session_gone"})],               # no reason
    [heard("a"), heard("a", "b", status="failed")],                    # failed, and the session goes on
    [heard("a"), Answer(200, {"status": "success", "session": heard().note})],  # it has written nothing
])
def test_the_ledger_finds_a_mistake(steps):
    assert mistakes(*steps)


def test_cells_that_were_sent_together_are_told_in_any_order():
    ledger = Ledger("s")
    assert [*ledger.take([("a", heard("b", "a")), ("b", heard("b")), ("c", BUSY)])] == []
    assert [*ledger.take([("d", heard("b", "a", "c", "d"))])] != []
