# Watches on a file of the image: who opens it is told to others.
import fcntl
import os
import signal

PATH = "/usr/bin"
told = []
signal.signal(signal.SIGIO, lambda *_: told.append(1))
watching = []


def send():
    os.listdir(PATH)
    with open(f"{PATH}/env", "rb") as file:
        file.read(1)


def receive():
    if not watching:
        watching.append(os.open(PATH, os.O_RDONLY))
        fcntl.fcntl(watching[0], fcntl.F_NOTIFY, fcntl.DN_ACCESS | fcntl.DN_MULTISHOT)
    if told:
        os.close(watching.pop())  # at the interpreter's end the signal would kill
    return bool(told)
