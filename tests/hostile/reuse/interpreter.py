# Modules, built-in functions, hooks and a seed, changed.
import builtins
import json
import os
import random
import sys


def leave():
    builtins.left_mark = True
    sys.modules["left_mark"] = os
    os.left_mark = 1
    json.dumps.__defaults__ = None
    random.seed(1)


def find():
    random.setstate(random.getstate())
    chance = random.random()
    return (hasattr(builtins, "left_mark") or "left_mark" in sys.modules or hasattr(os, "left_mark")
            or chance == random.Random(1).random())
