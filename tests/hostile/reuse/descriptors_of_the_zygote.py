# Its control socket.
import os


def leave():
    os.listdir(f"/proc/{zygote()}/fd")


def find():
    return False
