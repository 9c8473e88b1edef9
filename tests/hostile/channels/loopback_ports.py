# Ports of the loopback interface.
import socket

held = []


def send():
    if not held:
        held.append(socket.socket())
        held[0].bind(("127.0.0.1", 4711))
        held[0].listen()


def receive():
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", 4711)) == 0
