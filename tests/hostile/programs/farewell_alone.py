# Says farewell and goes on: it has ended by its own word, and writes no more.
import os
import time

from farewell import say

os.write(1, b"before\n")
say(5)
time.sleep(1)
os.write(1, b"after\n")
time.sleep(60)
