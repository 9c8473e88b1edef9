import sys
class C:
    def __init__(self, name): self.name = name
    def __del__(self): print('del', self.name, sys is None)
a, b = C('a'), C('b')
cycle = C('cycle')
cycle.self = cycle
_private = C('private')
print('end of body')
