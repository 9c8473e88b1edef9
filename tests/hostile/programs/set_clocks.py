# Sets the clock of the machine.
import os
import time

from attempts import attempt, syscall

attempt("clock_settime", time.clock_settime, time.CLOCK_REALTIME, 0)
attempt("settimeofday", syscall, "settimeofday", bytes(16), 0)
attempt("adjtimex", syscall, "adjtimex", b"\xff" * 208)
attempt("clock_adjtime", syscall, "clock_adjtime", 0, b"\xff" * 208)
attempt("time namespace", os.write, os.open("/proc/self/timens_offsets", os.O_WRONLY), b"monotonic 1 0")
