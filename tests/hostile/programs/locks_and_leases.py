# Locks, leases and notifications on a file of the image.
import fcntl
import os
import struct

from attempts import attempt

fd = os.open("/usr/bin/env", os.O_RDONLY)
attempt("flock", fcntl.flock, fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
attempt("read lock", fcntl.lockf, fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 1, 0)
attempt("lock of an open file", fcntl.fcntl, fd, 37, lock)
attempt("waiting lock of an open file", fcntl.fcntl, fd, 38, lock)
attempt("question for a lock of an open file", fcntl.fcntl, fd, 36, lock)
attempt("lease", fcntl.fcntl, fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
attempt("notify", fcntl.fcntl, os.open("/usr/bin", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)
attempt("freeze", fcntl.ioctl, fd, 0xC0045877, 0)
