# The time at which /dev was listed.
import os


def leave():
    os.listdir("/dev")


def find():
    return os.stat("/dev").st_atime_ns > os.stat("/proc/1").st_ctime_ns + 10**8
