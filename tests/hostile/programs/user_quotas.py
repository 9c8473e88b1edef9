# What the kernel counts for each user: inotify instances, epoll watches, pending signals, pseudo-terminals.
import os
import select

from attempts import attempt, syscall

attempt("inotify", syscall, "inotify_init1", 0)
attempt("fanotify", syscall, "fanotify_init", 0, 0)
epoll = select.epoll()
pipes = [os.pipe() for _ in range(400)]
for ends in pipes:
    epoll.register(ends[0])
print(len(pipes))
