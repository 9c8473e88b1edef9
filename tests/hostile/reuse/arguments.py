# The arguments of the job before.
import os
import sys

JOB = {"args": ["left-secret"]}


def leave():
    assert sys.argv[1] == "left-secret"


def find():
    lines = [open(f"/proc/{name}/cmdline").read() for name in os.listdir("/proc") if name.isdigit()]
    return len(sys.argv) > 1 or any("left-secret" in line for line in lines)
