# stdin: "raw bytes"
import os, stat
print(stat.S_ISFIFO(os.fstat(0).st_mode), os.isatty(0), os.read(0, 3), os.read(0, 100), os.read(0, 1))
