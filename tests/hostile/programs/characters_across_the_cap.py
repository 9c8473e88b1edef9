# 10 bytes of room, and characters of 3.
print(end="€€€€€€")
