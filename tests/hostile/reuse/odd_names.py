# Names that a careless removal trips over.
import os


def leave():
    for name in (b"-rf", b" ", b"a\nb", b"\xff\xfe", b"..."):
        open(b"/box/" + name, "w").close()
        os.mkdir(b"/tmp/" + name)


def find():
    return len(os.listdir("/box")) > 1 or os.listdir("/tmp")
