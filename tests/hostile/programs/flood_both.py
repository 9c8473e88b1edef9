# Writes to stdout and stderr in turn.
import os

data = b"x" * 65536
while True:
    os.write(1, data)
    os.write(2, data)
