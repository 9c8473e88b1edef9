# As many bytes as fit.
import os


def leave():
    fd = os.open("/tmp/large", os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            os.write(fd, b"x" * (1 << 20))
    except OSError:
        pass


def find():
    room = os.statvfs("/tmp")
    return room.f_bfree < room.f_blocks
