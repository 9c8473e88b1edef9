# How late its timers may be.
from neighbour import zygote


def leave():
    with open(f"/proc/{zygote()}/timerslack_ns", "w") as slack:
        slack.write("4000000000")


def find():
    return False
