import platform, sys
print(sys.version, sys.version_info, sys.hexversion, sys.api_version, sys.implementation)
print(platform.python_build(), platform.python_compiler(), platform.platform(), platform.architecture())
print(sys.copyright, sys.platform, sys.byteorder, sys.maxsize, sys.abiflags, sys.float_repr_style)
