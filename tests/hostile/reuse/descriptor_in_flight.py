# A socket that is on its way to itself, and a file with it: no process holds either.
import os
import socket


def leave():
    here, there = socket.socketpair()
    with open("/tmp/flying", "w+") as file:
        file.write("x" * 100000)
        socket.send_fds(here, [b"x"], [there.fileno(), here.fileno(), file.fileno()])
    os.unlink("/tmp/flying")


def find():
    room = os.statvfs("/tmp")
    return room.f_bfree < room.f_blocks
