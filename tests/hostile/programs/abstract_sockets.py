# Listens on an abstract name, and looks for names of others.
import socket

from attempts import attempt

for name in ("\0mayfly", "\0docker", "\0/containerd-shim"):
    attempt(f"connect {name[1:]}", socket.socket(socket.AF_UNIX).connect, name)
server = socket.socket(socket.AF_UNIX)
attempt("bind", server.bind, "\0mayfly-hostile")
print(open("/proc/net/unix").read().count("@"))
