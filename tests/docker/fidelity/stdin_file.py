# stdin: "one\ntwo\nthree\n"
import mmap
import os
import stat
import sys

status = os.fstat(0)
print(stat.S_ISREG(status.st_mode), status.st_size, os.isatty(0), sys.stdin is sys.__stdin__)
print(sys.stdin.seekable(), sys.stdin.line_buffering, sys.stdin.encoding, sys.stdin.name, sys.stdin.mode)
print(os.read(0, status.st_size), os.read(0, 10), os.lseek(0, 0, os.SEEK_SET))
print(os.read(0, 10**7), sys.stdin.seek(0), input(), sys.stdin.readline(), sys.stdin.tell())
print(sys.stdin.seek(0), len(sys.stdin.read()), repr(sys.stdin.read()))
with mmap.mmap(0, 0, access=mmap.ACCESS_READ) as mapped:
    print(mapped[4:7])
with open("/dev/stdin") as again, open(0, closefd=False) as same:
    print(again.read(), repr(same.read()))
for change in (lambda: os.write(0, b"x"), lambda: os.ftruncate(0, 0)):
    try:
        change()
    except OSError as error:
        print(error.strerror)
