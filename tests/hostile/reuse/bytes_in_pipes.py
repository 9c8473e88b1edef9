# Bytes in stderr's pipe, in the way of the end.
import fcntl
import os
import termios


def leave():
    child = os.fork()
    if child == 0:
        os.close(1)
        os.write(2, b"x" * 60000)
        os._exit(0)
    os.waitpid(child, 0)


def find():
    return fcntl.ioctl(2, termios.FIONREAD, bytes(4)) != bytes(4)
