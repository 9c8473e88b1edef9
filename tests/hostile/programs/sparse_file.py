# A file of 1 GiB that has no bytes.
import os

from attempts import attempt

attempt("truncate", os.truncate, os.open("/tmp/sparse", os.O_CREAT | os.O_RDWR), 1 << 30)
