# Looks for a terminal to type into.
import fcntl
import os
import termios

from attempts import attempt

attempt("/dev/tty", os.open, "/dev/tty", os.O_RDWR)
attempt("/dev/console", os.open, "/dev/console", os.O_RDWR)
attempt("/dev/tty1", os.open, "/dev/tty1", os.O_RDWR)
for fd in range(3):
    attempt(f"type into {fd}", fcntl.ioctl, fd, termios.TIOCSTI, b"x")
print([os.isatty(fd) for fd in range(3)])
