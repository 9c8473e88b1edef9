# Packets to nowhere: the protocol counts them.
import socket


def leave():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        for _ in range(7):
            try:
                one.sendto(b"x", ("192.0.2.1", 9))
            except OSError:
                pass


def find():
    names, values = (line.split()[1:] for line in open("/proc/net/snmp").read().splitlines()[:2])
    return int(dict(zip(names, values))["OutNoRoutes"]) > 0
