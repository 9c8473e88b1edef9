# Ends while its children fork as fast as they can.
import os
import time

for _ in range(4):
    if os.fork() == 0:
        while True:
            try:
                os.fork()
            except OSError:
                pass
time.sleep(0.2)
print("done", flush=True)
os._exit(2)
