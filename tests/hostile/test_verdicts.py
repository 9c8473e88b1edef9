"""Each verdict comes out right every time: programs of the corpus, many times over, several at once.

MAYFLY_REPEATS says how many times (20).
"""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import corpus
from expected import ROWS, TIMEOUT
from memory import Memory

REPEATS = int(os.environ.get("MAYFLY_REPEATS") or 20)
CLIENTS = 6
GROWTH_BYTES = 24 << 20

PROGRAMS = (
    "allocate_for_ever", "child_out_of_memory", "huge_bytearray", "busy_loop", "sleep_forever", "fork_bomb",
    "ignore_all_signals", "stop_itself", "daemon_holds_stdout", "kill_init_then_itself", "kill_everything",
    "abort", "segfault", "recursion_in_c", "flood_stdout", "flood_stderr", "one_byte_writes", "close_outputs",
    "fill_tmp", "fill_tmp_with_inodes", "open_until_full", "thread_bomb",
)
CHOSEN = [row for row in ROWS if row.program in PROGRAMS]


class Run:
    """One run of a row's program: where it differs, and how long its answer came after its deadline."""

    def __init__(self, gateway, row):
        begun = time.monotonic()
        request = {"timeout": 20} | row.request
        status, answer = gateway.execute(corpus.text_of(row.program), **request)
        took = time.monotonic() - begun
        self.program, self.is_flood = row.program, row.is_flood
        self.differences = corpus.differences(row, answer) if status == 200 else [f"HTTP {status}: {answer}"]
        self.late = None
        if not self.differences and TIMEOUT in row.ends:
            self.late = took - answer["queue_time"] - request["timeout"]


@pytest.fixture(scope="module")
def memory(gateway):
    return Memory(gateway)


@pytest.fixture(scope="module")
def runs(gateway, memory):
    """All runs, the programs in turn."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda row: Run(gateway, row), CHOSEN * REPEATS))


@pytest.mark.parametrize("program", PROGRAMS)
def test_verdict(runs, program):
    seen = [run.differences for run in runs if run.program == program]
    assert len(seen) == REPEATS
    wrong = [differences for differences in seen if differences]
    assert not wrong, f"{len(wrong)} of {REPEATS} came out wrong"


def test_the_gateways_memory_stays_flat(runs, memory):
    assert len(runs) == len(PROGRAMS) * REPEATS
    assert memory.growth_bytes() < GROWTH_BYTES


def test_answers_after_the_deadline_are_measured(runs, capsys):
    """Told, and not judged: the machine may have other things to do."""
    for what, wanted in (("programs", False), ("floods", True)):
        met = sorted((run for run in runs if run.late is not None and run.is_flood == wanted),
                     key=lambda run: run.late)
        assert met
        with capsys.disabled():
            print(f"\n{len(met)} {what} met their deadline; answered after it, in ms: "
                  f"p50 {met[len(met) // 2].late * 1000:.0f}, "
                  f"max {met[-1].late * 1000:.0f} ({met[-1].program})", end="")
