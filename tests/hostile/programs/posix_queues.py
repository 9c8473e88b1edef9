# POSIX message queues.
from attempts import attempt, syscall

for number in range(3):
    attempt(f"queue {number}", syscall, "mq_open", b"queue%d\0" % number, 0o102, 0o600, 0)
attempt("unlink", syscall, "mq_unlink", b"queue0\0")
