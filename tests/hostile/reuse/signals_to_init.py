# Farewells for the next program, more than init has read.
import ctypes

from attempts import checked


def leave():
    for number in range(500):
        try:
            checked("sigqueue", 1, 34, ctypes.c_void_p(number))
        except OSError:
            break


def find():
    return "SigQ:\t0/" not in open("/proc/1/status").read()
