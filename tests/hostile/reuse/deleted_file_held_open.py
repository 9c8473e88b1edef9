# A file without a name that uses the folder's room.
import os


def leave():
    global held
    fd = os.open("/tmp", os.O_TMPFILE | os.O_RDWR)
    os.write(fd, b"x" * (8 << 20))
    held = fd


def find():
    room = os.statvfs("/tmp")
    return room.f_bfree < room.f_blocks
