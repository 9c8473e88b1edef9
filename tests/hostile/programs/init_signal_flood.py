# Real-time signals to PID 1 without end: init must still see its clock.
import ctypes

from attempts import LIBC

while True:
    LIBC.sigqueue(1, 34, ctypes.c_void_p(0x1200))
