# A busy loop.
while True:
    pass
