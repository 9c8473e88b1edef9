# Says farewell while a thread lives: it is not believed.
import os
import threading
import time

from farewell import say

threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
say(5)
time.sleep(0.3)
print("still here", flush=True)
os._exit(6)
