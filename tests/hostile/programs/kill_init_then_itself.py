# Kills PID 1, which nothing in the box can, and then itself.
import os

os.kill(1, 9)
print("after the kill of PID 1", flush=True)
os.kill(os.getpid(), 9)
