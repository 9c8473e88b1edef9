import os
print("twice")
pid = os.fork()
if pid: os.waitpid(pid, 0)
