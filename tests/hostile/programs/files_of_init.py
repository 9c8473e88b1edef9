# Every file of PID 1 in /proc that tells or takes something.
import os

from attempts import attempt

for name in ("mem", "environ", "maps", "smaps", "auxv", "syscall", "stack", "io", "personality", "pagemap"):
    attempt(name, lambda path: open(path, "rb").read(1), f"/proc/1/{name}")
for name in ("exe", "cwd", "root", "ns/pid"):
    attempt(name, os.readlink, f"/proc/1/{name}")
for name in ("fd", "fdinfo", "map_files"):
    attempt(name, os.listdir, f"/proc/1/{name}")
for name in ("mem", "oom_score_adj", "comm", "coredump_filter", "clear_refs", "sched", "timerslack_ns",
             "attr/current"):
    attempt(f"write {name}", lambda path: os.write(os.open(path, os.O_WRONLY), b"0"), f"/proc/1/{name}")
