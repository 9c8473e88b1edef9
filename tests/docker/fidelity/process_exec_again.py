# args: ["first"]
import os, sys
if len(sys.argv) == 2: os.execv(sys.executable, sys.orig_argv + ["second"])
print(sys.argv, sys.orig_argv)
