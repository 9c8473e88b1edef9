# Renames the machine, and changes what it is itself.
import ctypes

from attempts import attempt, checked, syscall

attempt("sethostname", syscall, "sethostname", b"mine", 4)
attempt("setdomainname", syscall, "setdomainname", b"mine", 4)
attempt("no random addresses", syscall, "personality", 0x0040000)
attempt("readable is executable", syscall, "personality", 0x0400000)
for name, option, value in (("dumpable", 4, 1), ("dumpable 2", 4, 2), ("keep capabilities", 8, 1),
                            ("new privileges", 38, 0), ("ambient", 47, 2), ("secure bits", 28, 0),
                            ("memory map", 35, 1), ("subreaper", 36, 1), ("timer slack", 29, 1)):
    attempt(name, checked, "prctl", option, *(ctypes.c_ulong(value if i == 0 else 0) for i in range(4)))
