import warnings
print(warnings.filters)
warnings.warn('a plain one')
warnings.warn('a deprecated one', DeprecationWarning)
def f(): warnings.warn('two up', UserWarning, stacklevel=2)
f()
x = 1 is 1
print('a\d')
