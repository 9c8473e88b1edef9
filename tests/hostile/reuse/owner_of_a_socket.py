# The zygote as the owner of a socket: the kernel signals it when bytes come.
import fcntl
import os
import signal
import socket

from neighbour import zygote


def leave():
    here, there = socket.socketpair()
    fcntl.fcntl(here, 10, signal.SIGUSR2)
    fcntl.fcntl(here, fcntl.F_SETOWN, zygote())
    fcntl.fcntl(here, fcntl.F_SETFL, fcntl.fcntl(here, fcntl.F_GETFL) | os.O_ASYNC)
    there.send(b"x")


def find():
    return "ShdPnd:\t0000000000000000" not in open(f"/proc/{zygote()}/status").read()
