# A thread that is not the first executes another program.
import os
import threading

threading.Thread(target=os.execv, args=("/bin/sh", ["sh", "-c", "echo other; exit 8"])).start()
threading.Event().wait()
