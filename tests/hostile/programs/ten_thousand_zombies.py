# Up to 10,000 orphans die without a parent that waits, as many as there is time for. None may stay: there is room for 64,
# so that with each that stays the next are fewer, and 500 are never reached.
import subprocess
import time

end = time.monotonic() + 10
made = 0
while made < 10000 and (time.monotonic() < end or made < 500):
    # The shell's children are orphans when it has ended.
    line = ": & " * 25
    if subprocess.run(["sh", "-c", line], stderr=subprocess.DEVNULL).returncode == 0:
        made += 25
print(made >= 500)
