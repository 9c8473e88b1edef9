# New namespaces, by every call that makes or enters one.
import os

from attempts import attempt, syscall

FLAGS = {"mount": 0x00020000, "cgroup": 0x02000000, "uts": 0x04000000, "ipc": 0x08000000,
         "user": 0x10000000, "pid": 0x20000000, "net": 0x40000000, "time": 0x00000080}
for name, flag in FLAGS.items():
    attempt(f"unshare {name}", syscall, "unshare", flag)
for name, flag in FLAGS.items():
    if name != "time":  # clone has no such flag
        attempt(f"clone {name}", syscall, "clone", flag | 17, 0, 0, 0, 0)
attempt("clone3", syscall, "clone3", bytes(88), 88)
for name in ("mnt", "net", "user"):
    attempt(f"setns {name}", syscall, "setns", os.open(f"/proc/self/ns/{name}", os.O_RDONLY), 0)
