# Only a child needs too much memory, and offers itself.
import os

child = os.fork()
if child == 0:
    with open("/proc/self/oom_score_adj", "w") as score:
        score.write("1000")
    keep = []
    while True:
        keep.append(bytearray(1 << 20))
print(os.waitpid(child, 0)[1])
