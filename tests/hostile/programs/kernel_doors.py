# The calls behind most of the kernel's holes, and those of its administrator.
from attempts import attempt, syscall

for name in ("bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
             "io_uring_register", "io_setup", "kexec_load", "kexec_file_load", "init_module",
             "finit_module", "delete_module", "swapon", "swapoff", "reboot", "acct", "quotactl",
             "syslog", "memfd_secret", "vhangup"):
    attempt(name, syscall, name, 0, 0, 0, 0, 0)
