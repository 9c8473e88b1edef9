# A child by vfork, which holds up its parent; a thread ends the program.
import os
import threading
import time

from attempts import LIBC, syscall


def leave():
    def hang():
        if syscall("clone", 0x4111, 0) == 0:
            while True:
                LIBC.pause()
    threading.Thread(target=hang, daemon=True).start()
    time.sleep(0.2)


def find():
    return len([name for name in os.listdir("/proc") if name.isdigit()]) > 3
