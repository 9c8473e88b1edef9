# Says farewell, has itself continued whenever it is stopped, and writes without end, with many children as soon as it
# has been believed: no time is won by it.
import fcntl
import os
import time

from farewell import go_on_when_stopped, say


def flood(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        os.write(1, bytes(65536))


fcntl.fcntl(1, fcntl.F_SETPIPE_SZ, 1 << 20)
go_on_when_stopped()
os.write(1, bytes(1 << 20))
say(5)
flood(0.5)
for _ in range(6):
    if os.fork() == 0:
        break
flood(5)
os.write(1, b"late")
os._exit(6)
