# Programs that would run as somebody else.
import os
import stat

found = []
for folder, _, names in os.walk("/"):
    if folder.startswith(("/proc", "/sys")):
        continue
    for name in names:
        path = os.path.join(folder, name)
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                found.append(path)
            if stat.S_ISREG(mode) and "security.capability" in os.listxattr(path):
                found.append(path)
        except OSError:
            pass
print(found)
with open("/proc/self/status") as status:
    print("".join(line for line in status if line.startswith("NoNewPrivs")))
