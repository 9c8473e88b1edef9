# Leaves stopped children behind.
import os
import signal
import time

for _ in range(5):
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(60)
time.sleep(0.1)
print("done")
