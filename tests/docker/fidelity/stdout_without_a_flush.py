import os, sys
print("a line that stays in the buffer", sys.stdout.line_buffering, sys.stderr.line_buffering)
os.write(1, b"first\n")
os._exit(0)
