# Reads all files of the image twice: the page cache is the kernel's to give back.
import os

total = 0
for _ in range(2):
    for folder, _, names in os.walk("/usr"):
        for name in names:
            try:
                with open(os.path.join(folder, name), "rb") as file:
                    while piece := file.read(1 << 20):
                        total += len(piece)
            except OSError:
                pass
print(total > 20 << 20)
