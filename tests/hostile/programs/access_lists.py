# Access lists and attributes of files: 64 KiB of kernel memory for each, of which no limit knew.
import os
import struct

from attempts import attempt

entries = [(1, 7, 0xFFFFFFFF), *((2, 7, 1000 + n) for n in range(8000)), (4, 7, 0xFFFFFFFF), (0x10, 7, 0xFFFFFFFF),
           (0x20, 7, 0xFFFFFFFF)]
LIST = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
fd = os.open("/tmp/file", os.O_RDWR | os.O_CREAT)
os.symlink("file", "/tmp/link")
attempt("access list", os.setxattr, "/tmp/file", "system.posix_acl_access", LIST)
attempt("access list by descriptor", os.setxattr, fd, "system.posix_acl_access", LIST)
attempt("default list", os.setxattr, "/tmp", "system.posix_acl_default", LIST)
attempt("attribute", os.setxattr, "/tmp/file", "user.name", b"x" * 60000)
attempt("attribute of a link", lambda: os.setxattr("/tmp/link", "user.name", b"x", follow_symlinks=False))
attempt("removal", os.removexattr, "/tmp/file", "user.name")
attempt("names", os.listxattr, "/tmp/file")
