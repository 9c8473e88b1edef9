import os, sys
if os.fork() == 0:
    sys.exit(1)
os.wait()
sys.exit(2)
