# A connection of loopback: its end stays in the kernel for a minute.
import socket


def leave():
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()):
            server.accept()[0].close()


def find():
    return " tw 0" not in open("/proc/net/sockstat").read()
