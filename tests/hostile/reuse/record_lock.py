# A lock on a file of the image.
import fcntl


def leave():
    global held
    held = open("/etc/passwd")
    fcntl.lockf(held, fcntl.LOCK_SH)


def find():
    return len(open("/proc/locks").read().splitlines()) > 0 and any("POSIX" in line and " -1 " not in line for line in open("/proc/locks"))
