# Datagrams to oneself: the interface counts them.
import socket


def leave():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        for _ in range(7):
            one.sendto(b"x", one.getsockname())


def find():
    return not open("/proc/net/dev").read().splitlines()[-1].split()[1] == "0"
