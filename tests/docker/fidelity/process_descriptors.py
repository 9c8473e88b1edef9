import os
print(sorted(os.listdir("/proc/self/fd"), key=int)[:3], len(os.listdir("/proc/self/fd")))
print([os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in range(3)], os.open("/dev/null", os.O_RDONLY))
