# stdin: "1 2\n3 4\n"
import sys
readline = sys.stdin.readline
print([list(map(int, readline().split())) for _ in range(2)], repr(readline()))
