# One's own priority, scheduler and CPUs, and those of a child.
import os
import signal
import subprocess
import threading

child = subprocess.Popen(["sleep", "60"])
for who in (0, os.getpid(), threading.get_native_id(), child.pid):
    os.sched_setaffinity(who, {min(os.sched_getaffinity(0))})
    os.setpriority(os.PRIO_PROCESS, who, 3)
    os.sched_setscheduler(who, os.SCHED_BATCH, os.sched_param(0))
    os.sched_setparam(who, os.sched_param(0))
    print(len(os.sched_getaffinity(who)), os.getpriority(os.PRIO_PROCESS, who), os.sched_getscheduler(who))
child.send_signal(signal.SIGKILL)
child.wait()
print(os.nice(2))
try:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
except OSError as error:
    print(error)
try:
    os.setpriority(os.PRIO_PROCESS, 0, 0)
except OSError as error:
    print(error)
