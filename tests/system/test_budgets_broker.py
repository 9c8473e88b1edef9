"""Every budget of the broker filled at once, and what it held at most: the sum that deploy/docs/memory.md's formula says."""

import time
from concurrent.futures import ThreadPoolExecutor

from crowd import is_sanitized, rss_bytes
from gateway import BINARY
from test_backpressure import LONG_S, ask, other_front, settings, stopped

MIB = 1 << 20
BOXES = 8
FLOW_BYTES = 1 * MIB            # of each run, waiting for its front
DISPLAY_BYTES = 6 * MIB         # the largest frame of a run: MAYFLY_DISPLAYS_BYTES allows 8 MiB
WAITING_BYTES = 32 * MIB        # MAYFLY_MAX_WAITING_BYTES
BODY_BYTES = 5 * MIB            # of each run that waits
FIXED_BYTES = 24 * MIB          # the process, its engine calls and streams, its lists
FRAME_BYTES = 8 * MIB           # of each front: the request that is coming in
BUDGET_BYTES = FIXED_BYTES + BOXES * (FLOW_BYTES + DISPLAY_BYTES) + WAITING_BYTES + 2 * FRAME_BYTES


def test_all_of_the_broker_s_budgets_at_once(engine, start):
    gateway = start(apart=True, **settings(
        MAYFLY_MAX_BOXES=BOXES, MAYFLY_WARM=BOXES, MAYFLY_MAX_WAITING_BYTES=WAITING_BYTES,
        MAYFLY_QUEUE_TIMEOUT_MS=LONG_S * 1000))
    broker, front = gateway.processes
    engine.wait(lambda: len(engine.ready()) == BOXES, "every box ready", 30)
    with other_front(gateway) as other, ThreadPoolExecutor(BOXES + 16) as pool:
        ran = [pool.submit(ask, gateway, {"gate": "flood", "flood_after": 2 * MIB, "display_bytes": DISPLAY_BYTES},
                           limits={"output_bytes": 4 * MIB}) for _ in range(BOXES)]
        engine.wait(lambda: len(engine.runs) == BOXES, "every box has a run", 60)
        with stopped(front.pid):
            engine.open("flood")
            wait_until_still(broker.pid)
            waiting = [pool.submit(ask, other, {}, stdin="s" * BODY_BYTES) for _ in range(16)]
            refused = wait_for_refusals(waiting, 16 - WAITING_BYTES // BODY_BYTES)
            wait_until_still(broker.pid)
            held = rss_bytes(broker.pid, "VmHWM")
        assert [status for status, _ in refused] == [503] * len(refused)
        assert [each.result()[0] for each in ran] == [200] * BOXES
        assert sorted(each.result()[0] for each in waiting) == [200] * (16 - len(refused)) + [503] * len(refused)
    # The sanitizers' memory is their own.
    assert is_sanitized(BINARY) or held < BUDGET_BYTES, f"{held / MIB:.0f} of {BUDGET_BYTES / MIB:.0f} MiB"


def wait_for_refusals(asked, count):
    deadline = time.monotonic() + 120
    while len(done := [each for each in asked if each.done()]) < count:
        assert time.monotonic() < deadline, f"{len(done)} of {count} refused"
        time.sleep(0.05)
    return [each.result() for each in done]


def wait_until_still(pid):
    """Until the broker has taken all that it will: no event tells it. A page now and then is no taking."""
    deadline = time.monotonic() + 120
    before = 0
    while (now := rss_bytes(pid, "VmHWM")) > before + MIB // 16:
        assert time.monotonic() < deadline, f"it still grows at {now / MIB:.1f} MiB"
        before = now
        time.sleep(1)
