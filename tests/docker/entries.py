"""Tests the reaction of this kernel to a system call by an unusual entry, outside of any box.

A kernel may have been built or booted without the entry of 32-bit programs. Then the call faults before any filter
applies.
"""

import functools
import os
import signal
import subprocess
import sys

# getpid by int 0x80, and by the numbers of x32.
CODES = {"int 0x80": "b8 14 00 00 00 cd 80 c3", "x32": "b8 27 00 00 40 0f 05 c3"}

PROGRAM = """
import ctypes, mmap, sys
at = mmap.mmap(-1, 4096, prot=7)
at.write(bytes.fromhex(sys.argv[1]))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(at)))()
"""


@functools.cache
def end_of(entry):
    """Returns the name of the signal that ends a call by this entry; None if the call returns."""
    if os.uname().machine != "x86_64":
        return None
    done = subprocess.run([sys.executable, "-c", PROGRAM, CODES[entry]], check=False, capture_output=True)
    return signal.Signals(-done.returncode).name if done.returncode < 0 else None


def exists(entry):
    return os.uname().machine == "x86_64" and end_of(entry) is None


def end_in_a_box(entry):
    """Returns the signal that ends the same call in a box: the filter kills the process, if the kernel gets as far as
    the filter."""
    return end_of(entry) or "SIGSYS"
