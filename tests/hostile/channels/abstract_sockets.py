# Names of abstract Unix sockets, which no file system fences.
import socket

held = []


def send():
    if not held:
        held.append(socket.socket(socket.AF_UNIX))
        held[0].bind("\0mayfly-channel")
        held[0].listen()


def receive():
    probe = socket.socket(socket.AF_UNIX)
    try:
        probe.bind("\0mayfly-channel")
    except OSError:
        return True
    finally:
        probe.close()
    return "mayfly-channel" in open("/proc/net/unix").read()
