# The number that the next process gets.
import os

last = [None]


def new_process():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return child


def send():
    new_process()


def receive():
    before, last[0] = last[0], new_process()
    return before is not None and last[0] != before + 1
