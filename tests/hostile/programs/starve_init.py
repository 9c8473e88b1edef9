# Limits of its own to nothing, and as much work at once as it may have.
import os
import resource

for name in ("RLIMIT_NPROC", "RLIMIT_SIGPENDING", "RLIMIT_STACK"):
    resource.setrlimit(getattr(resource, name), (0, 0))
for _ in range(60):
    try:
        if os.fork() == 0:
            break
    except OSError:
        pass
while True:
    pass
