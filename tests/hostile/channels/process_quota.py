# How many processes there may be.
import os
import time

held = []


def send():
    try:
        while len(held) < 100:
            child = os.fork()
            if child == 0:
                time.sleep(60)
                os._exit(0)
            held.append(child)
    except OSError:
        pass


def receive():
    try:
        child = os.fork()
    except OSError:
        return True
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return False
