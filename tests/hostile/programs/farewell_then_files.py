# Says farewell, has itself continued whenever it is stopped, and goes on changing what is being collected.
import ctypes
import os
import signal
import struct

from farewell import say

with open("kept", "w") as file:
    file.write("kept")
libc = ctypes.CDLL(None, use_errno=True)
event = struct.pack("qii48x", 0, signal.SIGCONT, 0)
timer = ctypes.c_void_p()
often = struct.pack("qqqq", 0, 1_000_000, 0, 1_000_000)
if libc.timer_create(1, event, ctypes.byref(timer)) or libc.timer_settime(timer, 0, often, None):
    raise OSError(ctypes.get_errno(), "timer")
say(5)
while True:
    with open("new", "w") as file:
        file.write("changed")
    os.rename("new", "kept")
