# Makes devices, and asks for the machine's ports.
import os
import stat

from attempts import attempt, syscall

attempt("memory device", os.mknod, "/tmp/mem", 0o600 | stat.S_IFCHR, os.makedev(1, 1))
attempt("disk", os.mknod, "/tmp/disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0))
attempt("null device", os.mknod, "/tmp/null", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
attempt("whiteout", os.mknod, "/tmp/whiteout", 0o600 | stat.S_IFCHR, 0)
attempt("fifo", os.mkfifo, "/tmp/fifo")
attempt("iopl", syscall, "iopl", 3)
attempt("ioperm", syscall, "ioperm", 0, 1, 1)
attempt("modify_ldt", syscall, "modify_ldt", 0, 0, 0)
