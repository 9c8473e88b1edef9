# What locals() and f_locals are has changed in 3.13; comprehensions are inlined from 3.12 on.
import sys
def f():
    a = 1
    first = locals()
    exec("a = 2; b = 3")
    second = locals()
    sys._getframe().f_locals["a"] = 4
    return a, sorted(first), sorted(second), first is second, type(sys._getframe().f_locals)
print(f())
class C:
    x = 1
    y = [x for x in range(2)]
    names = sorted(locals())
print(C.names, locals() is globals(), sys._getframe().f_locals is globals())
print([sorted(locals()) for i in range(1)], [sys._getframe().f_code.co_name for i in range(1)])
exec("c = locals() is globals()")
print(c, eval("locals() is globals()"))
