# Says farewell and writes without end: no time is won by it.
import os

from farewell import say

say(5)
while True:
    os.write(1, bytes(65536))
