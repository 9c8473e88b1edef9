# The size of stdout's pipe.
import fcntl


def leave():
    fcntl.fcntl(1, 1031, 4096)


def find():
    return fcntl.fcntl(1, 1032) != 65536
