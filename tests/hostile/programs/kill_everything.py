# Kills everything that it may: its children die, it and PID 1 do not.
import os
import subprocess

children = [subprocess.Popen(["sleep", "60"]) for _ in range(5)]
os.kill(-1, 9)
print([child.wait() for child in children], os.getppid())
