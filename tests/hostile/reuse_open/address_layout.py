# Where things are in memory, and how strings are hashed: a fork has both from the zygote.


def leave():
    pass


def find():
    return f"{id(object):x} {hash('a'):x}"
