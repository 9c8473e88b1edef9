# System V shared memory, queues and semaphores.
from attempts import attempt, syscall

attempt("shmget", syscall, "shmget", 0x1234, 1 << 30, 0o1600)
attempt("shmat", syscall, "shmat", 0, 0, 0)
attempt("msgget", syscall, "msgget", 0x1234, 0o1600)
attempt("semget", syscall, "semget", 0x1234, 1, 0o1600)
