# A child says the parent's farewell and ends; the parent's own end counts.
import os
import time

from farewell import say

child = os.fork()
if child == 0:
    say(5)
    os._exit(0)
os.waitpid(child, 0)
time.sleep(0.3)
os._exit(6)
