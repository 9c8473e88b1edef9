# A connection that ends by a reset: only counters show it.
import socket
import struct


def leave():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()):
            other = server.accept()[0]
            other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            other.close()


def find():
    return not open("/proc/net/dev").read().splitlines()[-1].split()[1] == "0"
