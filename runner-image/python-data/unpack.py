"""Unpack a package's files below a folder: all that a program in a box may need.

    dpkg-deb --fsys-tarfile PACKAGE | unpack.py FOLDER

Not tar: Debian 13's sets modes by a system call that engines up to Docker 20.10 refuse in builds.
"""

import sys
import tarfile

UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/lintian", "usr/include")


# A part of the tests that numpy.testing imports, which scipy does in its turn.
USED = ("numpy/_core/tests/_natype.py", "numpy/_core/tests/__init__.py")


def is_unused(name):
    return name.endswith(".a") or "tests" in name.split("/") and not name.endswith(USED) or any(
        name == folder or name.startswith(folder + "/") for folder in UNUSED)


with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
    archive.extraction_filter = staticmethod(lambda member, _: member)
    for member in archive:
        if not is_unused(member.name.removeprefix("./")):
            archive.extract(member, sys.argv[1])
