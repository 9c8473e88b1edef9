# Writes to stderr as fast as it can.
import os

data = b"x" * 65536
while True:
    os.write(2, data)
