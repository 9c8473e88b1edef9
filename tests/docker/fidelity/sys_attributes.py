import builtins, sys
print(sorted(vars(sys)))
print(sorted(vars(builtins)))
