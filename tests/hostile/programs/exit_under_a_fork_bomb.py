# Ends while its children fork as fast as they can.
import os
import time

if os.fork() == 0:
    while True:
        try:
            os.fork()
        except OSError:
            pass
time.sleep(0.3)
print("done", flush=True)
os._exit(2)
