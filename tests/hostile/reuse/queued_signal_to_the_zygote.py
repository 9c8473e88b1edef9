# A signal with a value.
from neighbour import zygote
from attempts import checked


def leave():
    checked("sigqueue", zygote(), 40, None)


def find():
    return False
