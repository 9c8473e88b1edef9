# Writes to the kernel's files.
import os

from attempts import attempt

for path in ("/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe",
             "/proc/sys/vm/drop_caches", "/proc/sys/net/ipv4/ip_forward", "/sys/power/state",
             "/sys/kernel/uevent_helper", "/sys/fs/cgroup/release_agent",
             "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/cgroup.procs",
             "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max",
             "/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/pids.max", "/proc/irq/0/smp_affinity",
             "/proc/mtrr", "/dev/kmsg", "/dev/mem", "/proc/kmem"):
    attempt(path, os.open, path, os.O_WRONLY)
for path in ("/sys/fs/cgroup/group", "/sys/fs/cgroup/memory/group", "/proc/group", "/sys/group", "/dev/group"):
    attempt(f"mkdir {path}", os.mkdir, path)
