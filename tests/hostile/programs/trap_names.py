# Names and kinds of files at which a careless reader outside would stumble.
import os
import socket

os.unlink("/box/main.py")
os.symlink("/proc/1/root/etc/shadow", "/box/main.py")
os.mkfifo("/tmp/fifo")
os.symlink("loop", "/tmp/loop")
os.symlink("../../../../../../etc/passwd", "/tmp/up")
socket.socket(socket.AF_UNIX).bind("/tmp/socket")
for name in ("..\\..\\x", "-rf", "a\nb", "con", "\x1b[2J", "%s%n", "x" * 255, "é" * 127):
    open("/tmp/" + name, "w").close()
os.link("/tmp/-rf", "/tmp/hard")
path = "/box"
for _ in range(200):
    path += "/d"
    os.mkdir(path)
os.chmod("/box", 0)
print("done")
