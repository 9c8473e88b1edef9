# Files in the folders that a program may write to.
import os

FOLDERS = ("/box", "/tmp", "/dev/shm", "/dev/mqueue", "/var/tmp", "/run", "/var/lock")


def send():
    for folder in FOLDERS:
        try:
            open(f"{folder}/mayfly-channel", "w").close()
        except OSError:
            pass


def receive():
    return [folder for folder in FOLDERS if os.path.exists(f"{folder}/mayfly-channel")]
