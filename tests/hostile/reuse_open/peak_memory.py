# How much memory a run has used at most.
import os


def leave():
    return b"x" * (100 << 20)


def find():
    for path in ("/sys/fs/cgroup/memory/memory.max_usage_in_bytes", "/sys/fs/cgroup/memory.peak"):
        if os.path.exists(path):
            return open(path).read().strip()
    return "not shown"
