# Recursion without an end or a limit.
import sys

sys.setrecursionlimit(10**9)


def descend():
    descend()


descend()
