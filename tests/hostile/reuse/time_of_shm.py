# The time at which /dev/shm was changed: a file was there for a moment.
import os


def leave():
    open("/dev/shm/mark", "w").close()
    os.unlink("/dev/shm/mark")


def find():
    return os.stat("/dev/shm").st_mtime_ns > os.stat("/proc/1").st_ctime_ns + 10**9
