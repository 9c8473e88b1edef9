# Memory until there is none.
keep = []
while True:
    keep.append(bytearray(1 << 20))
