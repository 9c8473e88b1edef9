# env: {"PYTHONHASHSEED": "0"}
# stdin: "one\ntwo\n"
import os
import sys

print(os.fstat(0).st_size, input(), sys.stdin.seek(0), sys.stdin.read(), hash("x"))
