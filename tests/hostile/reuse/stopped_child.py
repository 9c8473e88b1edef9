# A child that is stopped.
import os
import signal


def leave():
    child = os.fork()
    if child == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
    os.waitpid(child, os.WUNTRACED)


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
