# Memory in files without a name.
import os

files = [os.memfd_create(f"file{number}") for number in range(100)]
while True:
    for fd in files:
        os.write(fd, bytes(1 << 20))
