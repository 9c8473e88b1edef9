# Its first thread ends; another goes on.
import threading
import time

from attempts import syscall

threading.Thread(target=time.sleep, args=(60,)).start()
syscall("exit", 0)
