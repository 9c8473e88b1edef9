# A POSIX message queue.
import os

from attempts import syscall


def leave():
    syscall("mq_open", b"left", 0o102, 0o600, None)


def find():
    return os.listdir("/dev/mqueue")
