# How much CPU time runs have used.
import os
import time


def leave():
    while time.process_time() < 0.3:
        pass


def find():
    for path in ("/sys/fs/cgroup/cpuacct/cpuacct.usage", "/sys/fs/cgroup/cpu,cpuacct/cpuacct.usage"):
        if os.path.exists(path):
            return open(path).read().strip()
    return open("/sys/fs/cgroup/cpu.stat").readline().strip()
