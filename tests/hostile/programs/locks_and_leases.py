# Locks, leases and notifications on a file of the image.
import fcntl
import os

from attempts import attempt

fd = os.open("/usr/bin/env", os.O_RDONLY)
attempt("flock", fcntl.flock, fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
attempt("read lock", fcntl.lockf, fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
attempt("lease", fcntl.fcntl, fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
attempt("notify", fcntl.fcntl, os.open("/usr/bin", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)
attempt("freeze", fcntl.ioctl, fd, 0xC0045877, 0)
