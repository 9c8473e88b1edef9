# Newer syntax, and what older versions say to it.
import ast, dis, sys
for text in ("type A[T] = list[T]", "def f[T: int](x: T = 1) -> T: return x", "f'{'a'}'", "f'{1:{'>'}5}'",
             "class C[**P, *Ts]: pass", "except* as x", "f'{a b}'", "f'{'", "(a, b) = 1 = c", "import a.b as c.d"):
    try: print(text, compile(text, "<text>", "exec").co_names)
    except SyntaxError as error: print(text, error.msg, error.lineno, error.offset)
class C:
    """doc

        indented
    """
    def f(self): self.a = self.b = 1
print(repr(C.__doc__), getattr(C, "__static_attributes__", None), getattr(C, "__firstlineno__", None))
