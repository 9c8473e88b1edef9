# Folders in folders, with files.
import os


def leave():
    for top in ("/box", "/tmp"):
        os.makedirs(f"{top}/a/b/c/d/e/f")
        for folder, _, _ in list(os.walk(top)):
            open(f"{folder}/leaf", "w").close()


def find():
    return [name for top in ("/box", "/tmp") for name in os.listdir(top) if name != "main.py"]
