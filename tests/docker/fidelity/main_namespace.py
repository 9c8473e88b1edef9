print(sorted(globals()))
print(sorted(vars(__import__('__main__'))))
print(dir())
