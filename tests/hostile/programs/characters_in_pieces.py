# Characters whose bytes are written one at a time, with pauses.
import os
import time

for byte in "äöü€😀".encode():
    os.write(1, bytes([byte]))
    time.sleep(0.005)
