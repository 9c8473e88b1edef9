# Writes to the interpreter, its modules, itself, and every other folder.
import os
import sys

from attempts import attempt

for path in ("/proc/self/exe", "/usr/bin/python3", "/mayfly-init", "/etc/passwd",
             "/usr/lib/mayfly/python-template"):
    attempt(path.replace(sys.prefix, ""), os.open, path, os.O_WRONLY)
attempt("os.py", os.open, os.__file__, os.O_WRONLY)
for path in ("/file", "/usr/file", "/etc/file", "/var/tmp/file", "/run/file", "/dev/file", "/home/file"):
    attempt(path, os.open, path, os.O_CREAT | os.O_WRONLY)
attempt("unlink", os.unlink, "/etc/passwd")
attempt("chmod", os.chmod, "/etc/passwd", 0o777)
attempt("run from /tmp", lambda: (os.symlink("/bin/true", "/tmp/link"), os.chmod("/box/main.py", 0o700),
                                  os.execv("/box/main.py", ["main.py"])))
