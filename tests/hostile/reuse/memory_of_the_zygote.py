# Its memory, to be read and written.
from neighbour import zygote


def leave():
    open(f"/proc/{zygote()}/mem", "r+b", 0)


def find():
    return False
