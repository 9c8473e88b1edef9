# Shrinks and fills its pipes, reads its own stdout, writes to its own stdin, makes them non-blocking.
import fcntl
import os

from attempts import attempt

for fd in range(3):
    attempt(f"size of {fd}", fcntl.fcntl, fd, fcntl.F_SETPIPE_SZ, 4096)
    fcntl.fcntl(fd, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)
    attempt(f"other end of {fd}", os.open, f"/proc/self/fd/{fd}", os.O_RDWR | os.O_NONBLOCK)
written = 0
while written < 200_000:
    try:
        written += os.write(1, b"y" * 8192)
    except BlockingIOError:
        pass
