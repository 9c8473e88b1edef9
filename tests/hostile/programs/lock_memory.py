# Asks that its memory be never given back.
import ctypes
import mmap

from attempts import attempt, checked, syscall

attempt("mlockall", syscall, "mlockall", 3)
memory = mmap.mmap(-1, 1 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
attempt("mlock of 1 MiB", checked, "mlock", ctypes.c_void_p(address), ctypes.c_size_t(1 << 20))
