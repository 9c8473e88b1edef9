def f(x):
    return x['a']['b'] + x['c'](1, 2)[0].attribute.other
try:
    f({'a': {'b': 1}, 'c': lambda *a: [1]})
except AttributeError as error:
    error.add_note('a note')
    raise
