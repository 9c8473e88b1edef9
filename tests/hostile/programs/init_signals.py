# Every signal to PID 1, by every call that sends one.
import os
import signal

from attempts import attempt, syscall

for number in range(1, 65):
    os.kill(1, number)
    signal.pidfd_send_signal(os.pidfd_open(1), number)
    syscall("tgkill", 1, 1, number)
print(os.getppid())
attempt("group of PID 1", os.killpg, 1, 9)
