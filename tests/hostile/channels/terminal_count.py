# How many pseudo-terminals the host has open.
import os

held = []


def send():
    while len(held) < 300:
        held.append(os.openpty())


def receive():
    text = open("/proc/sys/kernel/pty/nr").read()
    if not text:
        raise OSError("the count")
    return int(text) >= 300
