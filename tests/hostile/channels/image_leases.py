# Leases on a file of the image: whoever opens it waits for the holder.
import fcntl
import os

fd = os.open("/usr/bin/env", os.O_RDONLY)


def send():
    fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)


def receive():
    try:
        os.close(os.open("/usr/bin/env", os.O_RDWR | os.O_NONBLOCK))
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False
