# Its environment.
import os


def leave():
    open(f"/proc/{zygote()}/environ", "rb").read()


def find():
    return False
