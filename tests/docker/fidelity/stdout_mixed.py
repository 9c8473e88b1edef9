import os, sys
print("buffered")
os.write(1, b"raw\n")
sys.stdout.flush()
os.write(1, b"raw again\n")
print("last", end="")
