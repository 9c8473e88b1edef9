# The process's name.
import os


def leave():
    open("/proc/self/comm", "w").write("left")


def find():
    return any(open(f"/proc/{name}/comm").read() == "left\n" for name in os.listdir("/proc") if name.isdigit())
