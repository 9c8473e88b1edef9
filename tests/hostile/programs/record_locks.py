# Takes record locks without end: memory of the kernel that no control group counts.
import ctypes
import fcntl
import os
import struct

ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # nobody may look into this process
fd = os.open("/tmp/file", os.O_RDWR | os.O_CREAT)
print("begun", flush=True)
for i in range(5_000_000, 0, -1):  # from the end: the kernel keeps them in order
    fcntl.fcntl(fd, fcntl.F_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, i * 2, 1, 0))
print("done")
