# The shapes of Dirty Pipe and Copy Fail: pages of a read-only file by way of a pipe or a crypto socket.
import hashlib
import os
import socket

from attempts import attempt, syscall

PATH = "/usr/bin/env"
before = hashlib.sha256(open(PATH, "rb").read()).hexdigest()
fd = os.open(PATH, os.O_RDONLY)
readable, writable = os.pipe()
attempt("splice", os.splice, fd, writable, 1, 0)
attempt("vmsplice", syscall, "vmsplice", writable, 0, 0, 0)
attempt("tee", syscall, "tee", readable, writable, 1, 0)
attempt("AF_ALG", socket.socket, 38, 5, 0)
os.write(writable, b"overwritten")
attempt("splice back", os.splice, readable, fd, 1)
attempt("sendfile", os.sendfile, writable, fd, 0, 4096)
attempt("write", os.write, fd, b"x")
print(hashlib.sha256(open(PATH, "rb").read()).hexdigest() == before)
