# Waits for a child that never executes, in a wait that no signal but one ends.
import os

os.mkfifo("/tmp/fifo")
os.posix_spawn("/bin/true", ["true"], {}, file_actions=[(os.POSIX_SPAWN_OPEN, 0, "/tmp/fifo", os.O_RDONLY, 0)])
