# A key of the user.
from attempts import syscall


def leave():
    syscall("add_key", b"user", b"left", b"1", 1, -4)


def find():
    return False
