# Its environment.
from neighbour import zygote


def leave():
    open(f"/proc/{zygote()}/environ", "rb").read()


def find():
    return False
