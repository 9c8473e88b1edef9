# Folders deeper than init goes.
import os


def leave():
    os.chdir("/tmp")
    for _ in range(200):
        os.mkdir("deeper")
        os.chdir("deeper")


def find():
    return os.listdir("/tmp")
