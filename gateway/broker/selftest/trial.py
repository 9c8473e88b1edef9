# mayfly trial
"""Tries to exceed a limit of its box, and prints its progress, one number on each line: trial.py LIMIT MOST.

trial.h judges the result. The last line is "refused" if the box did not allow more.
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
    """Start processes one by one. This one and init also count."""
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
    """Start this number of processes that never wait."""
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
