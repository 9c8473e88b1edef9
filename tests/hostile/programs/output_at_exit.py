# 900 KB wait in the interpreter's buffers and in the pipe when the program ends.
import sys

sys.stdout.write("x" * 900_000)
