"""Makes small images from this machine's files: a program with the libraries that it loads, or only mount points."""

import io
import re
import subprocess
import tarfile

USERS = {"etc/passwd": (b"root:x:0:0::/:\nnobody:x:65534:65534::/:\n", 0o644),
         "etc/group": (b"root:x:0:\nnogroup:x:65534:\n", 0o644)}
FOLDERS = ["usr", "proc", "sys", "dev", "tmp", "run", "var/run", "var/lib", "etc", "root"]


def image_of_program(engine, name, program, path, *changes, writable=()):
    """Make an image with one program of this machine, at `path`, folders that anybody may write to, and no shell."""
    listed = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = re.findall(r"(/[^ ]+) \(0x", listed)
    data = archive({path: program, **{library: library for library in libraries}}, writable=writable, texts=USERS)
    engine.docker("import", *options(changes), "-", name, input=data, timeout=120)


def image_of_host(engine, name, *changes):
    """Make an image to run with --volume=/usr:/usr:ro: this machine's programs, and a root of its own."""
    links = {name: f"usr/{name}" for name in ("bin", "sbin", "lib", "lib64")}
    engine.docker("import", *options(changes), "-", name, input=archive({}, FOLDERS, links, USERS))


def options(changes):
    return [part for change in changes for part in ("--change", change)]


def archive(files, folders=(), links={}, texts={}, writable=()):
    """Returns a tar, as bytes, of files {path: source}, folders, links {path: target}, texts {path: (bytes, mode)} and
    folders that anybody may write to."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", dereference=True) as tar:
        for path, source in files.items():
            tar.add(source, path.lstrip("/"))
        for path, (text, mode) in texts.items():
            tar.addfile(entry(path, tarfile.REGTYPE, mode, size=len(text)), io.BytesIO(text))
        for path in [*folders, *writable]:
            tar.addfile(entry(path, tarfile.DIRTYPE, 0o777 if path in writable else 0o755))
        for path, target in links.items():
            tar.addfile(entry(path, tarfile.SYMTYPE, 0o777, linkname=target))
    return data.getvalue()


def entry(path, kind, mode, **more):
    info = tarfile.TarInfo(path)
    for name, value in {"type": kind, "mode": mode, **more}.items():
        setattr(info, name, value)
    return info
