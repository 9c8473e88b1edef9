# env: {"PYTHONUNBUFFERED": "1"}
import os, sys
print("seen", sys.flags.unbuffered)
os._exit(0)
