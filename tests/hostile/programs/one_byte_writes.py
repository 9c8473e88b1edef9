# A million writes of one byte.
import os

for _ in range(1_000_000):
    os.write(1, b"x")
