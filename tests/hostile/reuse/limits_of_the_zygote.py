# Its limits.
import ctypes
import resource

from neighbour import zygote
from attempts import checked


def leave():
    class Limit(ctypes.Structure):
        _fields_ = [("soft", ctypes.c_uint64), ("hard", ctypes.c_uint64)]
    checked("prlimit64", zygote(), resource.RLIMIT_NOFILE, ctypes.byref(Limit(9, 9)), None)


def find():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1] == 9
