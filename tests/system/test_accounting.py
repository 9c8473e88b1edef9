"""Every request is accounted for while the engine misbehaves: a short accounting.py; `make soak` has the long ones. And the
accountant sees what is wrong."""

import json
from collections import Counter

import pytest

import ownsecret
from accounting import Heard, play
from accounting_fake import FakeSide, heard_against_boxes, heard_against_ran, programs_of
from accounting_real import Told, numbers_against

REQUESTS = 1200


@pytest.mark.parametrize("box_runs, submissions", [(1, 0), (20, 0), (1, 0.2), (20, 0.2)])
def test_journals_and_metrics_agree(box_runs, submissions):
    with FakeSide(fault_seconds=0.4, box_runs=box_runs, submissions=submissions) as side:
        assert play(side, REQUESTS) == []


class Books:
    """A journal without a mistake: a and b, two programs of one owner, followed each other in a box, and c had another."""

    def __init__(self):
        self.heard, self.boxes, self.box_runs = {}, {"one": ["a", "b"], "two": ["c"]}, 20
        for marker, start, earlier in (("a", "warm", []), ("b", "reused", ["a"]), ("c", "warm", [])):
            stderr = json.dumps([ownsecret.of(other) for other in earlier])
            self.heard[marker] = Heard(200, "success", marker, stderr, start, marker, "x",
                                       frozenset(ownsecret.found(stderr.encode())))

    def differences(self):
        programs = programs_of(self.heard)
        ran = [marker for markers in self.boxes.values() for marker in markers]
        return [*heard_against_ran(programs, Counter(ran)), *heard_against_boxes(self, programs, self.boxes)]


def another_owner_s_box(books):
    books.heard["b"].owner = "y"


def twice_in_one_box(books):
    books.boxes["one"].append("a")


def twice_in_two_boxes(books):
    books.boxes["two"].append("a")


def lost(books):
    books.boxes["two"].clear()


def more_runs_than_allowed(books):
    books.box_runs = 1


def another_s_secret(books):
    books.heard["c"].secrets |= {ownsecret.of("a")}


def another_s_output(books):
    books.heard["c"].stdout = "a"


def a_used_box_that_is_called_new(books):
    books.heard["b"].start = "warm"


def test_the_accountant_finds_no_mistake_where_there_is_none():
    assert Books().differences() == []


@pytest.mark.parametrize("mistake", [another_owner_s_box, twice_in_one_box, twice_in_two_boxes, lost, more_runs_than_allowed,
                                     another_s_secret, another_s_output, a_used_box_that_is_called_new])
def test_the_accountant_finds_a_mistake(mistake):
    books = Books()
    mistake(books)
    assert books.differences()


@pytest.mark.parametrize("numbers, given_up, mistakes", [
    ([1, 2, 3], 0, 0), ([0], 0, 0), ([1, 3], 1, 0), ([2], 1, 0), ([1, 3], 0, 1), ([2, 2, 1], 0, 1), ([1, 21], 20, 1),
])
def test_the_kernel_s_count_of_a_box_is_held_against_what_was_heard(numbers, given_up, mistakes):
    """A program that ran twice, or of which nobody heard, is one too many."""
    told = [Told(f"m{n}", f"m{n}", Heard(200, "success", start="reused" if n > 1 else "warm"), Heard(200), f"m{n}", "box", n)
            for n in numbers]
    assert len([*numbers_against(Books(), {"box": told}, given_up)]) == mistakes
