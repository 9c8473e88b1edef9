# A thread that goes on.
import os
import threading
import time


def leave():
    def work():
        while True:
            time.sleep(0.01)
    threading.Thread(target=work, daemon=True).start()


def find():
    return len(os.listdir("/proc/self/task")) > 1
