# A port that listens, without a packet.
import socket


def leave():
    global held
    held = socket.create_server(("127.0.0.1", 4711))


def find():
    try:
        socket.create_server(("127.0.0.1", 4711)).close()
        return False
    except OSError:
        return True
