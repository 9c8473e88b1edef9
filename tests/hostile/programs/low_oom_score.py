# Makes itself small in the eyes of the OOM killer, with many processes: init must not be chosen.
import os

with open("/proc/self/oom_score_adj") as score:
    print(score.read().strip(), flush=True)
for number in range(1000, -1001, -1):
    try:
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(fd, str(number).encode())
        os.close(fd)
    except OSError:
        break
for _ in range(20):
    if os.fork() == 0:
        break
keep = []
while True:
    keep.append(bytearray(1 << 20))
