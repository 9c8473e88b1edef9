"""Unpack the files of a package that a program in a box may need, below a folder.

    dpkg-deb --fsys-tarfile PACKAGE | unpack.py FOLDER

This is not done by tar, because Debian 13's tar sets modes by a system call that engines up to Docker 20.10 refuse in
builds.
"""

import sys
import tarfile

UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/lintian", "usr/include")


# numpy.testing imports this part of the tests, and scipy imports numpy.testing.
USED = ("numpy/_core/tests/_natype.py", "numpy/_core/tests/__init__.py")


def is_unused(name):
    return name.endswith(".a") or "tests" in name.split("/") and not name.endswith(USED) or any(
        name == folder or name.startswith(folder + "/") for folder in UNUSED)


with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
    archive.extraction_filter = staticmethod(lambda member, _: member)
    for member in archive:
        if not is_unused(member.name.removeprefix("./")):
            archive.extract(member, sys.argv[1])
