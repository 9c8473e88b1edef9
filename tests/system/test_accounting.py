"""Every request is accounted for while the engine misbehaves: a short accounting.py; `make soak` has the long ones."""

from accounting import play
from accounting_fake import FakeSide

REQUESTS = 1600


def test_journals_and_metrics_agree():
    with FakeSide(fault_seconds=0.4) as side:
        assert play(side, REQUESTS) == []
