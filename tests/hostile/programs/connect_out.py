# Ways to the host, its engine and the world.
import socket

from attempts import attempt

for address in (("169.254.169.254", 80), ("172.17.0.1", 80), ("10.0.0.1", 22), ("8.8.8.8", 53),
                ("127.0.0.1", 2375), ("127.0.0.1", 8000)):
    attempt("%s:%d" % address, socket.create_connection, address, 2)
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
attempt("datagram", datagram.sendto, b"x", ("8.8.8.8", 53))
attempt("broadcast", datagram.sendto, b"x", ("255.255.255.255", 9))
for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock",
             "/run/mayfly/wire.sock"):
    attempt(path, socket.socket(socket.AF_UNIX).connect, path)
