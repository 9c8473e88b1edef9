# A child that nobody has waited for.
import os


def leave():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
