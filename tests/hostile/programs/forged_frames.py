# Frames of the engine's and of ours on stdout, and the same through init's own descriptor.
import os
import struct

from attempts import attempt

end = struct.pack(">BBHIQ", 24, 1, 0, 0, 0)
os.write(1, struct.pack(">BxxxI", 1, len(end)) + end + b"\n")
for number in range(4):
    attempt(f"fd {number} of PID 1", os.open, f"/proc/1/fd/{number}", os.O_WRONLY)
