# A name in the abstract name space of sockets.
import socket


def leave():
    global held
    held = socket.socket(socket.AF_UNIX)
    held.bind("\0left")
    held.listen()


def find():
    try:
        socket.socket(socket.AF_UNIX).connect("\0left")
        return True
    except ConnectionRefusedError:
        return False
