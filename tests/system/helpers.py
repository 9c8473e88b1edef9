"""Waits and requests that several tests use."""

import hashlib
import json
import time

# A longest turn counts as too long only if it is too long in this many measurements. In a virtual machine the CPU clock
# continues while the host runs something else, which lengthens some turns; a turn that is really too long is too long
# each time.
CLOCK_TRIES = 3


def gated(gate, **fields):
    """Returns a request whose program waits until the test opens this gate."""
    return {"code": json.dumps({"gate": gate, **fields}), "timeout": 20}


def running(engine, count):
    """Wait until exactly `count` programs run."""
    engine.wait(lambda: len([run for run in engine.runs if not run.end]) == count, f"{count} runs")


def settled(engine, count):
    """Wait until exactly `count` boxes are READY, and no others exist."""
    engine.wait(lambda: len(engine.ready()) == count and len(engine.managed()) == count,
                f"{count} boxes ready, and no other")


def until(condition, what, timeout=30):
    """Wait for a condition for which there is no event."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def entry(key, **limits):
    """Returns an entry of the keys file for a key that is its own name."""
    return {"name": key, "sha256": hashlib.sha256(key.encode()).hexdigest(), **limits}


def bearer(key):
    """Returns the header with a key."""
    return ("authorization", f"Bearer {key}")
