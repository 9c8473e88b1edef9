# Fills /tmp, then /box, with one file each.
import errno
import os

for folder in ("/tmp", "/box"):
    written = 0
    try:
        with open(f"{folder}/large", "wb", buffering=0) as file:
            while True:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        print(folder, errno.errorcode[error.errno], written >> 20)
    os.unlink(f"{folder}/large")
