class C: pass
c = C()
C.__del__ = lambda self: print('del')
class D(C): pass
d = D()
print('end')
