# Reads what the kernel tells its administrator.
from attempts import attempt


def tell(path):
    data = open(path, "rb").read(4096).strip(b"\0")
    print(path, len(data), end=" ")


for path in ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/kmsg",
             "/proc/interrupts", "/proc/latency_stats", "/proc/kpageflags", "/proc/vmallocinfo",
             "/proc/slabinfo", "/sys/firmware/acpi/tables/DSDT", "/sys/firmware/dmi/tables/DMI",
             "/sys/kernel/debug/sched/debug", "/sys/kernel/tracing/trace", "/proc/acpi/wakeup",
             "/proc/scsi/scsi", "/dev/kmsg", "/dev/mem", "/proc/key-users", "/proc/pressure/cpu",
             "/proc/cmdline", "/proc/config.gz", "/proc/modules", "/proc/vmstat", "/proc/buddyinfo", "/proc/zoneinfo",
             "/proc/diskstats", "/proc/partitions", "/proc/softirqs", "/proc/schedstat", "/proc/sys/fs/file-nr",
             "/proc/sys/fs/dentry-state", "/proc/sys/kernel/pty/nr", "/proc/sys/kernel/random/boot_id",
             "/sys/kernel/btf/vmlinux", "/sys/kernel/vmcoreinfo", "/sys/kernel/notes", "/sys/module/kernel/taint"):
    attempt(path, tell, path)
with open("/proc/kallsyms") as symbols:
    print("kernel addresses", symbols.read(100).strip())
