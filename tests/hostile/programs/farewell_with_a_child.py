# Says farewell while a child lives: it is not believed, and the child dies with it.
import os
import time

from farewell import say

if os.fork() == 0:
    time.sleep(60)
    os._exit(0)
say(5)
time.sleep(0.3)
print("still here", flush=True)
os._exit(6)
