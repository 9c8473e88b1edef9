# A tracer's rights over it.
from neighbour import zygote
from attempts import checked


def leave():
    checked("ptrace", 16, zygote(), None, None)


def find():
    return False
