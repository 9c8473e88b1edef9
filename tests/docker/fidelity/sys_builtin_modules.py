import sys
print(sorted(sys.builtin_module_names))
print(sorted(sys.stdlib_module_names) == sorted(set(sys.stdlib_module_names)), len(sys.stdlib_module_names))
