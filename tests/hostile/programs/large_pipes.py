# 400 pipes of 1 MiB: the kernel keeps a count for each user.
import errno
import fcntl
import os

count = 0
try:
    for _ in range(400):
        fcntl.fcntl(os.pipe()[0], fcntl.F_SETPIPE_SZ, 1 << 20)
        count += 1
except OSError as error:
    print(errno.errorcode[error.errno], count)
print(len(os.pipe()))
