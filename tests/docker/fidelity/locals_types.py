import dataclasses, enum, typing
@dataclasses.dataclass
class P:
    x: int
    y: "list[int]" = dataclasses.field(default_factory=list)
class E(enum.Enum):
    A = 1
print(P(1), E.A, typing.get_type_hints(P), P.__module__, repr(P), repr(E))
