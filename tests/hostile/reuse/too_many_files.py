# More files than init removes.
import os


def leave():
    for number in range(5000):
        open(f"/box/{number}", "w").close()


def find():
    return len(os.listdir("/box")) > 1
