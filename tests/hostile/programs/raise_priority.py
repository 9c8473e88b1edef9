# Asks for a better place with the scheduler than others, or a worse one for PID 1.
import os

from attempts import attempt, syscall

attempt("nice -20", os.setpriority, os.PRIO_PROCESS, 0, -20)
attempt("FIFO", os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(1))
attempt("round robin", os.sched_setscheduler, 0, os.SCHED_RR, os.sched_param(1))
attempt("deadline", syscall, "sched_setattr", 0, bytes(48), 0)
attempt("real-time I/O", syscall, "ioprio_set", 1, 0, 1 << 13)
attempt("nice 19 for PID 1", os.setpriority, os.PRIO_PROCESS, 1, 19)
attempt("nice 19 for the user", os.setpriority, os.PRIO_USER, os.getuid(), 19)
attempt("one CPU for PID 1", os.sched_setaffinity, 1, {0})
attempt("idle class for PID 1", os.sched_setscheduler, 1, os.SCHED_IDLE, os.sched_param(0))
