"""What several tests wait for, and ask for."""

import hashlib
import json
import time

# How often a longest turn is measured before it counts as too long. In a virtual machine the CPU clock goes on while the
# host runs something else, which lengthens a turn now and then; a turn that is really too long is so each time.
CLOCK_TRIES = 3


def gated(gate, **fields):
    """A request whose program waits until the test opens this gate."""
    return {"code": json.dumps({"gate": gate, **fields}), "timeout": 20}


def running(engine, count):
    """Wait until exactly `count` programs run."""
    engine.wait(lambda: len([run for run in engine.runs if not run.end]) == count, f"{count} runs")


def settled(engine, count):
    """Wait until exactly `count` boxes are READY, and no others exist."""
    engine.wait(lambda: len(engine.ready()) == count and len(engine.managed()) == count,
                f"{count} boxes ready, and no other")


def until(condition, what, timeout=30):
    """Wait for what no event tells."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


def entry(key, **limits):
    """A key of the keys file, whose name is the key itself."""
    return {"name": key, "sha256": hashlib.sha256(key.encode()).hexdigest(), **limits}


def bearer(key):
    """The header that shows a key."""
    return ("authorization", f"Bearer {key}")
