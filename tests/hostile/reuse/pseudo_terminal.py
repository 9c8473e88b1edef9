# A pseudo-terminal.
import os
import pty


def leave():
    globals()["held"] = pty.openpty()


def find():
    return len(os.listdir("/dev/pts")) > 1
