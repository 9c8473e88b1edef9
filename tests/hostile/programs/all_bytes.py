# Every byte, half a character, and a NUL.
import sys

sys.stdout.buffer.write(bytes(range(256)) + b"\xed\xa0\x80\0\xc3")
