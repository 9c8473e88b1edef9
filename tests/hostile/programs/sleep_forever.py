# Sleeps: it uses no CPU time, so only the wall clock can end it.
import time

time.sleep(1e9)
