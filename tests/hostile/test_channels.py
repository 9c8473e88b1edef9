"""No run can see the actions of another one, at the same time or later, in the same gateway.

A channel is a program with two ends: send() leaves its mark, receive() tells whether there is one. In one and the same
box the mark must be seen, or the test would prove nothing, unless the box refuses the very operation.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
CHANNELS = sorted(path.stem for path in (FOLDER / "channels").glob("*.py"))
# Marks that nobody can leave, not even for oneself.
CLOSED_AT_HOME = {"image_pages"}
TOGETHER_SECONDS = 0.3
LONGEST_SECONDS = 16  # a box that is not warm may come late, on a slow machine by seconds


# What "What is not promised" of .github/SECURITY.md names.
OPEN_CHANNELS = sorted(path.stem for path in (FOLDER / "open_channels").glob("*.py"))


def run(gateway, channel, role, seconds):
    folder = "open_channels" if channel in OPEN_CHANNELS else "channels"
    code = "\n".join([(FOLDER / "tools/channel.py").read_text(encoding="utf-8"),
                      (FOLDER / f"{folder}/{channel}.py").read_text(encoding="utf-8"),
                      "run_channel(send, receive)"])
    status, answer = gateway.execute(code, args=[role, str(seconds)], timeout=30)
    assert status == 200 and answer["status"] == "success", answer
    return json.loads(answer["stdout"])


@pytest.mark.parametrize("channel", CHANNELS + OPEN_CHANNELS)
def test_channel_works_within_a_box(gateway, channel):
    seen = run(gateway, channel, "both", 0.3 if channel in CLOSED_AT_HOME else 10)
    assert seen["seen"] or seen["refused"] or channel in CLOSED_AT_HOME


def run_both(gateway, channel, seconds):
    """What the receiver saw, and for how many seconds both were there."""
    with ThreadPoolExecutor(2) as pool:
        sender = pool.submit(run, gateway, channel, "send", seconds)
        receiver = pool.submit(run, gateway, channel, "receive", seconds)
        sender, receiver = sender.result(), receiver.result()
    return receiver["seen"], min(sender["ended"], receiver["ended"]) - max(sender["begun"], receiver["begun"])


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_seen_in_parallel(gateway, channel):
    seconds = 1
    while seconds <= LONGEST_SECONDS:
        seen, together = run_both(gateway, channel, seconds)
        assert seen == 0
        if together > TOGETHER_SECONDS:
            return
        seconds *= 2
    pytest.fail("the two ends never ran together")


@pytest.mark.parametrize("channel", CHANNELS)
def test_nothing_is_seen_afterwards(gateway, channel):
    run(gateway, channel, "send", 0.05)
    assert run(gateway, channel, "receive", 0.05)["seen"] == 0


@pytest.mark.parametrize("channel", OPEN_CHANNELS)
def test_what_is_not_promised_is_told(gateway, channel, capsys):
    """Whether it joins boxes is the kernel's and the storage driver's affair: told, and not judged."""
    seen, together = run_both(gateway, channel, 2)
    with capsys.disabled():
        print(f"\n{channel}: {seen} marks seen in another box, in {together:.1f} s", end="")
