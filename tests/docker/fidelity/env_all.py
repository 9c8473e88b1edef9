import os, posix
print({name: value for name, value in os.environ.items() if name != "HOSTNAME"})
print(sorted(name for name in posix.environ if name != b"HOSTNAME"))
