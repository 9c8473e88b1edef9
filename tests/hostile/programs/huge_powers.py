# Numbers that take minutes, each computed within one step of the interpreter.
import os

if os.fork():
    9**9**9
else:
    10 ** (10**8)
