def f():
    try:
        {}['missing']
    except KeyError as error:
        raise ValueError('outer') from error
try:
    f()
except ValueError:
    raise RuntimeError('while handling')
