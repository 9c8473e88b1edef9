# Characters without end, never a line.
while True:
    print(end="ä" * 100)
