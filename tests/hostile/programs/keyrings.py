# Keys, which boxes of one user would share.
from attempts import attempt, syscall

attempt("add_key", syscall, "add_key", b"user\0", b"name\0", b"secret", 6, -4)
attempt("request_key", syscall, "request_key", b"user\0", b"name\0", 0, -4)
attempt("join_session", syscall, "keyctl", 1, b"mayfly\0")
attempt("read", syscall, "keyctl", 11, -4, 0, 0)
attempt("get_persistent", syscall, "keyctl", 22, -1, -4)
