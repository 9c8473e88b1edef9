# Takes init's place as the parent of orphans, collects some, and leaves the rest behind.
import os
import time

from attempts import attempt, checked

attempt("subreaper", checked, "prctl", 36, 1, 0, 0, 0)
for _ in range(10):
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            time.sleep(60)
        os._exit(0)
print("done")
