# Looks into and reaches for other processes: PID 1 and a child.
import os
import time

from attempts import attempt, syscall

child = os.fork()
if child == 0:
    time.sleep(60)
    os._exit(0)
for who, pid in (("PID 1", 1), ("a child", child)):
    attempt(f"attach to {who}", syscall, "ptrace", 16, pid, 0, 0)
    attempt(f"seize {who}", syscall, "ptrace", 0x4206, pid, 0, 0)
    attempt(f"read memory of {who}", syscall, "process_vm_readv", pid, 0, 0, 0, 0, 0)
    attempt(f"write memory of {who}", syscall, "process_vm_writev", pid, 0, 0, 0, 0, 0)
    attempt(f"compare with {who}", syscall, "kcmp", os.getpid(), pid, 0, 0, 0)
    attempt(f"fd of {who}", syscall, "pidfd_getfd", os.pidfd_open(pid), 0, 0)
    attempt(f"advise {who}", syscall, "process_madvise", os.pidfd_open(pid), 0, 0, 20, 0)
attempt("be traced", syscall, "ptrace", 0, 0, 0, 0)
