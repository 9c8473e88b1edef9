# Looks for a terminal to type into.
import fcntl
import os
import struct
import termios

from attempts import attempt

attempt("/dev/tty", os.open, "/dev/tty", os.O_RDWR)
attempt("/dev/console", os.open, "/dev/console", os.O_RDWR)
attempt("/dev/tty1", os.open, "/dev/tty1", os.O_RDWR)
for fd in range(3):
    attempt(f"type into {fd}", fcntl.ioctl, fd, termios.TIOCSTI, b"x")
main, other = os.openpty()
attempt("type for others", fcntl.ioctl, other, termios.TIOCSTI, b"x")
attempt("line discipline", fcntl.ioctl, other, termios.TIOCSETD, struct.pack("i", 21))
attempt("console", fcntl.ioctl, other, termios.TIOCCONS)
attempt("size", os.get_terminal_size, other)
print([os.isatty(fd) for fd in range(3)])
