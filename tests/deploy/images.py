"""Small images of what this machine has: a program with the libraries that it loads, or nothing but mount points."""

import io
import re
import subprocess
import tarfile

USERS = {"etc/passwd": "root:x:0:0::/:\nnobody:x:65534:65534::/:\n", "etc/group": "root:x:0:\nnogroup:x:65534:\n"}
FOLDERS = ["usr", "proc", "sys", "dev", "tmp", "run", "var/run", "var/lib", "etc", "root"]


def image_of_program(engine, name, program, path, *changes):
    """An image that has one program of this machine, at `path`, and no shell."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = re.findall(r"(/[^ ]+) \(0x", listed)
    data = archive({path: program, **{library: library for library in libraries}})
    engine.docker("import", *options(changes), "-", name, input=data, timeout=120)


def image_of_host(engine, name, *changes):
    """An image to run with --volume=/usr:/usr:ro: this machine's programs, and a root of its own."""
    links = {name: f"usr/{name}" for name in ("bin", "sbin", "lib", "lib64")}
    engine.docker("import", *options(changes), "-", name, input=archive({}, FOLDERS, links))


def options(changes):
    return [part for change in changes for part in ("--change", change)]


def archive(files, folders=(), links={}):
    """A tar of users, files {path: source}, folders, and links {path: target}; as bytes."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", dereference=True) as tar:
        for path, text in USERS.items():
            info = tarfile.TarInfo(path)
            info.size = len(text)
            tar.addfile(info, io.BytesIO(text.encode()))
        for path, source in files.items():
            tar.add(source, path.lstrip("/"))
        for path in folders:
            info = tarfile.TarInfo(path)
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(info)
        for path, target in links.items():
            info = tarfile.TarInfo(path)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return data.getvalue()
