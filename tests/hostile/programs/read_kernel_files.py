# Reads what the kernel tells its administrator.
from attempts import attempt


def tell(path):
    data = open(path, "rb").read(4096).strip(b"\0")
    print(path, len(data), end=" ")


for path in ("/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/kmsg",
             "/proc/interrupts", "/proc/latency_stats", "/proc/kpageflags", "/proc/vmallocinfo",
             "/proc/slabinfo", "/sys/firmware/acpi/tables/DSDT", "/sys/firmware/dmi/tables/DMI",
             "/sys/kernel/debug/sched/debug", "/sys/kernel/tracing/trace", "/proc/acpi/wakeup",
             "/proc/scsi/scsi", "/dev/kmsg", "/dev/mem"):
    attempt(path, tell, path)
with open("/proc/kallsyms") as symbols:
    print("kernel addresses", symbols.readline().split()[0].strip("0"))
