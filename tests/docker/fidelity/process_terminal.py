import os, shutil
for fd in range(3):
    try: os.ttyname(fd)
    except OSError as error: print(error)
print(shutil.get_terminal_size())
try: open("/dev/tty")
except OSError as error: print(error)
