# When an entry of /proc was first asked for.
import os
import time


def leave():
    os.stat("/proc/cgroups")


def find():
    return f"{time.time() - os.stat('/proc/cgroups').st_mtime:.3f} s ago"
