import ctypes
print("lost")
ctypes.CDLL(None).exit(3)
