# One object larger than the address space.
bytearray(1 << 62)
