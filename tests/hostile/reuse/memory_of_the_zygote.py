# Its memory, to be read and written.
import os


def leave():
    open(f"/proc/{zygote()}/mem", "r+b", 0)


def find():
    return False
