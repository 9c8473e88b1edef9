# mayfly trial
"""Goes past a limit of its box, and says how far it has come, a number a line: trial.py LIMIT MOST.

What becomes of it then is trial.h's to judge. "refused" is the last line where no more was to be had.
"""
import mmap
import os
import signal
import sys
import threading

PIECE_BYTES = 4 << 20


def tell(text):
    os.write(1, f"{text}\n".encode())


def memory(most):
    held = []
    for count in range(PIECE_BYTES, most + 1, PIECE_BYTES):
        try:
            held.append(mmap.mmap(-1, PIECE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
        except OSError:
            return tell("refused")
        held[-1].write(b"x" * PIECE_BYTES)
        tell(count)


def processes(most):
    """Each by itself, and two more that are there: this one and init."""
    for count in range(3, most + 1):
        try:
            child = os.fork()
        except OSError:
            return tell("refused")
        if child == 0:
            signal.pause()
        tell(count)


def threads(most):
    threading.stack_size(64 << 10)
    end = threading.Event()
    for count in range(3, most + 1):
        try:
            threading.Thread(target=end.wait, daemon=True).start()
        except RuntimeError:
            return tell("refused")
        tell(count)


def cpu(most):
    """As many that never wait as are asked for."""
    for _ in range(most):
        if os.fork() == 0:
            while True:
                pass
    tell(most)
    signal.pause()


try:
    {"memory": memory, "processes": processes, "threads": threads, "cpu": cpu}[sys.argv[1]](int(sys.argv[2]))
finally:
    sys.stdout.flush()
    os._exit(0)
