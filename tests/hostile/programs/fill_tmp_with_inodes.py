# Fills /tmp with empty files.
import errno

count = 0
try:
    while True:
        open(f"/tmp/{count}", "w").close()
        count += 1
except OSError as error:
    print(errno.errorcode[error.errno], count)
