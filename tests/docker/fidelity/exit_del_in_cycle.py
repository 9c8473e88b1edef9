import gc
gc.disable()
class C:
    def __del__(self): print('del', self.n)
for n in range(3):
    c = C(); c.n = n; c.me = c
del c
print('end')
