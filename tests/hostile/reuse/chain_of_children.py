# A process that is never the same for long, and is there when the program has ended.
import os


def leave():
    if os.fork() == 0:
        os.setsid()
        while os.fork() == 0:
            pass
        os._exit(0)


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
