# A secret in the program's memory, for a later program that reads all of its own.


def leave():
    global secret
    secret = [bytes(byte ^ 1 for byte in b"RDBSDU,LX,MDGU,NWDS") for _ in range(10000)]


def find():
    mark = bytes(byte ^ 1 for byte in b"RDBSDU,LX,MDGU,NWDS")  # this text, too, is in memory: as it stands here
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            low, high = (int(text, 16) for text in span.split("-"))
            if "rw" in rights:
                memory.seek(low)
                if memory.read(high - low).count(mark) > 8:
                    return True
    return False
