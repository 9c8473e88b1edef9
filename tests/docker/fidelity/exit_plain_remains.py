import collections, dataclasses, enum, functools, io, re, typing
class Colour(enum.Enum):
    RED = 1
@dataclasses.dataclass
class Point:
    x: int
    y: list
class Pair(typing.NamedTuple):
    a: int
    b: str
class Own(Exception): pass
def f(n=[1]):
    def inner(): return n
    return inner
left = [Point(1, [2]), Pair(1, 'b'), Colour.RED, f(), collections.deque([1]), functools.partial(f, [2]), io.StringIO('x'),
        collections.defaultdict(list), collections.OrderedDict(a=[1]), collections.Counter('abc'), re.compile('a').match('a'),
        {1, 2}, frozenset([3]), slice([1], 2), (i for i in ()), Own('x'), range(3), type('T', (), {}), classmethod(f)]
try:
    raise Own(left)
except Own as error:
    kept = error
left.append(left)
print(kept.args[0] is left, len(left))
