# Children swap a folder for a link to /etc, and make more files, while the output files are collected.
import os
import time

os.mkdir("folder")
with open("folder/passwd", "w") as file:
    file.write("own")
os.symlink("/etc", "link")
with open("kept", "w") as file:
    file.write("kept")
for _ in range(4):
    if os.fork() == 0:
        os.setsid()
        while True:
            for old, new in (("folder", "aside"), ("link", "folder"), ("folder", "link"), ("aside", "folder")):
                try:
                    os.rename(old, new)
                except OSError:
                    pass
time.sleep(0.2)
print("done")
