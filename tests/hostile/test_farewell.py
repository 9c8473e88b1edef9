"""A program that has sent a farewell and lets itself be continued gains no time by it, however its output is read."""

import time

import corpus
import leftovers
import wire
from box import Box, Result

# Writes until nobody takes more, says farewell, and then makes a process each tenth of a second.
PROGRAM = """
import os
import select
import time

from farewell import go_on_when_stopped, say

os.set_blocking(1, False)
go_on_when_stopped()
while select.select([], [1], [], 1)[1]:
    os.write(1, bytes(65536))
say(5)
while True:
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        time.sleep(0.01)
    if os.fork() == 0:
        while True:
            time.sleep(1)
"""
# More than it makes while it is being killed, on any machine, and as many as it would have in two seconds.
WENT_ON_COUNT = 20


def living(container_id):
    """How many processes live in a container besides its first, as the host's kernel has them."""
    count = 0
    for folder in leftovers.process_folders():
        if container_id in leftovers.read(folder / "cgroup"):
            state = leftovers.read(folder / "stat").rpartition(")")[2].split()
            count += bool(state) and state[0] not in "ZX"
    return count - 1


def test_an_unread_output_does_not_keep_a_program_alive(engine):
    with Box(engine.socket) as box:
        job = wire.Job(corpus.with_tools(PROGRAM).encode(), output_bytes=64 << 20, timeout_ms=60000)
        box.send(job.frame(1))
        deadline = time.monotonic() + 30
        # Before it, one process takes the other's place. After it, nothing is read until all have ended.
        assert box.next_frame(deadline).type == wire.STARTED
        while 0 < (count := living(box.id)) < WENT_ON_COUNT:
            assert time.monotonic() < deadline, count
            time.sleep(0.01)
        assert count == 0
        assert box.collect(Result()).outcome.exit_code == 5
