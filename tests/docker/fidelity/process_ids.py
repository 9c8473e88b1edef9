import os, threading
print(os.getpid() > 1, os.getppid(), os.getsid(0) == os.getpid(), os.getpgid(0) == os.getpid() or "own group", os.getuid() == os.geteuid() != 0, os.getgroups() == [os.getgid()])
print(threading.main_thread() is threading.current_thread(), threading.main_thread().name, threading.active_count(), threading.get_native_id() == os.getpid(), threading.main_thread().native_id == os.getpid())
