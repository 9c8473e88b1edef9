# Its priority of input and output.
from neighbour import zygote
from attempts import syscall


def leave():
    syscall("ioprio_set", 1, zygote(), 3 << 13)


def find():
    return False
