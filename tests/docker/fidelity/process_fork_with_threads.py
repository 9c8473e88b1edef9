# From 3.12 on this is warned of. The message has the process's number in it.
import os, sys, threading, warnings
done = threading.Event()
thread = threading.Thread(target=done.wait)
thread.start()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    pid = os.fork()
    if pid == 0:
        os.write(1, repr((threading.active_count(), threading.main_thread() is threading.current_thread())).encode())
        os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), [(w.category, str(pid) in str(w.message)) for w in caught])
done.set()
thread.join()
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    if (pid := os.fork()) == 0: os._exit(0)
os.waitpid(pid, 0)
print(caught)
