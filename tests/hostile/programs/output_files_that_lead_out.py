# Everything that a folder can hold and that is no file of its own.
import os
import socket

with open("kept", "w") as file:
    file.write("kept")
for target, name in (("/etc", "etc"), ("..", "up"), ("/etc/passwd", "passwd"), ("/proc/1/environ", "environ"),
                     ("/dev/zero", "zero"), ("loop", "loop"), (".", "here"), ("/box/kept", "again"),
                     ("nowhere", "nothing")):
    os.symlink(target, name)
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
print("done")
