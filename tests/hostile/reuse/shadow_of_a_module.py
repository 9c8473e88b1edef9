# A module of one's own that the next program would import.


def leave():
    open("/box/colorsys.py", "w").write("MARK = 1")


def find():
    import colorsys
    return hasattr(colorsys, "MARK")
