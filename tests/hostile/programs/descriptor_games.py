# Closes, duplicates and refills every descriptor, number 3 before all.
import os

from attempts import attempt

attempt("close 3", os.close, 3)
os.dup2(1, 3)
os.write(3, b"by 3\n")
out = os.dup(1)
os.closerange(0, 3)
for _ in range(3):
    os.open("/dev/null", os.O_RDWR)
os.write(out, b"by another\n")
os.closerange(3, 1024)
raise SystemExit(4)
