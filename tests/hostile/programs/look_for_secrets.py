# What the surroundings tell: environment, groups, mounts, names.
import os
import re
import socket

print("env", sorted(os.environ))
print("hostname", socket.gethostname())
print("cgroup", sorted({line.split(":", 2)[2] for line in open("/proc/self/cgroup").read().split()}))
mounts = [line.split() for line in open("/proc/self/mountinfo")]
print("sources", sorted({re.sub(r"\w{64}|\d+", "N", fields[3]) for fields in mounts
                         if fields[3].strip("/") and not fields[4].startswith(("/proc/", "/sys/"))}))
print("command", open("/proc/1/cmdline").read().replace("\0", " "))
print("host", [path for path in ("/.dockerenv", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf",
                                 "/run/secrets", "/home", "/root/.ssh") if os.path.exists(path)
               and (os.path.isfile(path) and os.path.getsize(path) or os.path.isdir(path)
                    and os.access(path, os.R_OK) and os.listdir(path))])
