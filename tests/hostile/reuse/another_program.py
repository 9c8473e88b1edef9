# The process has become another program, which ends.
import os


def leave():
    os.execv("/bin/sh", ["left-secret", "-c", "exit 0"])


def find():
    return any("left-secret" in open(f"/proc/{name}/cmdline").read() for name in os.listdir("/proc") if name.isdigit())
