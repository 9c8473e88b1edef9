# 100 KB, and then nothing more.
import sys
import time

sys.stdout.write("x" * 100_000)
sys.stdout.flush()
time.sleep(60)
