import os
import sys

print(os.fstat(0).st_size, os.read(0, 10), repr(sys.stdin.read()), sys.stdin.seek(0))
try:
    input()
except EOFError as error:
    print(error)
