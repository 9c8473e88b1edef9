# Says farewell, and then makes as many processes as it can: either these are seen and it is not
# believed, or none survives.
import os
import time

from farewell import say

say(5)
for _ in range(50):
    if os.fork() == 0:
        os.setsid()
        while True:
            time.sleep(0.001)
time.sleep(60)
