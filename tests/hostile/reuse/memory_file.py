# A file in memory.
import os


def leave():
    global held
    held = os.memfd_create("left")
    os.write(held, b"x" * (32 << 20))


def find():
    return any("memfd:left" in os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if os.path.islink(f"/proc/self/fd/{name}"))
