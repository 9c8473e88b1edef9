# Imports a module with a comment of 8 MB.
import sys

with open("/box/commented.py", "w") as file:
    file.write("# " + "x" * (8 << 20) + "\nanswer = 42\n")
sys.dont_write_bytecode = True
import commented  # noqa: E402

print(commented.answer)
