# A child that the OOM killer ends: its count goes up.
import os


def leave():
    child = os.fork()
    if child == 0:
        held = []
        while True:
            held.append(b"x" * (8 << 20))
    os.waitpid(child, 0)


def find():
    for path in ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events"):
        if os.path.exists(path):
            return "oom_kill 0" not in open(path).read()
