# 10,000 orphans die without a parent that waits. None may stay: there is room for 64.
import subprocess

made = 0
while made < 10000:
    # The shell's children are orphans when it has ended.
    line = ": & " * 25
    if subprocess.run(["sh", "-c", line], stderr=subprocess.DEVNULL).returncode == 0:
        made += 25
print(made)
