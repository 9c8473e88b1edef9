# Processes that send signals to each other when they die, and wish to be told of PID 1's death.
import os
import time

from attempts import checked

for number in range(1, 20):
    if os.fork() == 0:
        checked("prctl", 1, number, 0, 0, 0)
        if os.fork() == 0:
            checked("prctl", 1, 9, 0, 0, 0)
        time.sleep(60)
print("done")
