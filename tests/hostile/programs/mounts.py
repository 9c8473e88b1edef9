# Changes to what is mounted.
from attempts import attempt, syscall

attempt("mount", syscall, "mount", b"none\0", b"/tmp\0", b"tmpfs\0", 0, 0)
attempt("remount", syscall, "mount", b"none\0", b"/\0", 0, 32, 0)
attempt("bind", syscall, "mount", b"/proc\0", b"/tmp\0", 0, 4096, 0)
attempt("umount2", syscall, "umount2", b"/proc/keys\0", 2)
attempt("pivot_root", syscall, "pivot_root", b"/tmp\0", b"/tmp\0")
attempt("chroot", syscall, "chroot", b"/tmp\0")
attempt("open_tree", syscall, "open_tree", -100, b"/\0", 1)
attempt("move_mount", syscall, "move_mount", -100, b"/\0", -100, b"/tmp\0", 0)
attempt("fsopen", syscall, "fsopen", b"tmpfs\0", 0)
attempt("fsconfig", syscall, "fsconfig", 0, 6, 0, 0, 0)
attempt("fsmount", syscall, "fsmount", 0, 0, 0)
attempt("fspick", syscall, "fspick", -100, b"/\0", 0)
attempt("mount_setattr", syscall, "mount_setattr", -100, b"/\0", 0, bytes(32), 32)
