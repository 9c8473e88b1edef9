"""Every request is accounted for while the engine misbehaves: a short accounting.py; `make soak` has the long ones."""

import pytest

from accounting import play
from accounting_fake import FakeSide

REQUESTS = 1600


@pytest.mark.parametrize("box_runs, submissions", [(1, 0), (20, 0), (1, 0.2)])
def test_journals_and_metrics_agree(box_runs, submissions):
    with FakeSide(fault_seconds=0.4, box_runs=box_runs, submissions=submissions) as side:
        assert play(side, REQUESTS) == []
