class C:
    __slots__ = ()
    def __del__(self): print('del')
c = C()
del C
print('end')
