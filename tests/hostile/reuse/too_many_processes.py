# A process more than allowed: its refusal is counted.
import os
import signal

from neighbour import wait_for_ever


def leave():
    children = []
    try:
        while len(children) < 1000:
            child = os.fork()
            if child == 0:
                wait_for_ever()
            children.append(child)
    except BlockingIOError:
        pass
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def find():
    for path in ("/sys/fs/cgroup/pids/pids.events", "/sys/fs/cgroup/pids.events"):
        if os.path.exists(path):
            return "max 0" not in open(path).read()
