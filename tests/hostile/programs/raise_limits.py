# Raises its resource limits above the hard ones, and those of PID 1.
import resource

from attempts import attempt, set_limit

for name in ("NOFILE", "FSIZE", "CORE", "MEMLOCK", "MSGQUEUE", "RTPRIO", "NICE"):
    number = getattr(resource, "RLIMIT_" + name)
    attempt(name, set_limit, 0, number, resource.getrlimit(number)[1] + 1)
attempt("CPU of PID 1", set_limit, 1, resource.RLIMIT_CPU, 0)
attempt("NOFILE of PID 1", set_limit, 1, resource.RLIMIT_NOFILE, 0)
