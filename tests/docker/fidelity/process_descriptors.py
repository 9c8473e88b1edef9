import os
import stat
print(sorted(os.listdir("/proc/self/fd"), key=int)[:3], len(os.listdir("/proc/self/fd")))
print(stat.S_ISREG(os.stat("/proc/self/fd/0").st_mode))  # a file has another name in a shell
print([os.readlink(f"/proc/self/fd/{fd}").split(":")[0] for fd in (1, 2)], os.open("/dev/null", os.O_RDONLY))
