# Its control socket.
import os

from neighbour import zygote


def leave():
    os.listdir(f"/proc/{zygote()}/fd")


def find():
    return False
