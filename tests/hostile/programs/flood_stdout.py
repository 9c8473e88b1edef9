# Writes to stdout as fast as it can.
import os

data = b"x" * 65536
while True:
    os.write(1, data)
