import os
print("lost")
os.execv("/usr/bin/python3", ["python3", "-c", "import sys; print(sys.argv, sys.path[0], sys.stdin.read())", "x"])
