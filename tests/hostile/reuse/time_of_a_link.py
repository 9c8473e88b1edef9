# The time at which a link in /dev was read: any bits can be told by such times.
import os


def leave():
    os.readlink("/dev/core")


def find():
    return os.lstat("/dev/core").st_atime_ns > os.stat("/proc/1").st_ctime_ns + 10**8
