# Entries that are no files: links out of the folder, a named pipe, a socket.
import os
import socket


def leave():
    os.symlink("/etc", "/box/etc")
    os.symlink("/dev/shm", "/tmp/shm")
    open("/tmp/one", "w").close()
    os.link("/tmp/one", "/tmp/two")
    os.mkfifo("/box/pipe")
    socket.socket(socket.AF_UNIX).bind("/tmp/socket")


def find():
    return len(os.listdir("/box")) > 1 or os.listdir("/tmp") or not os.path.exists("/etc/passwd")
