import sys, sysconfig, site
print(sys.executable, sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix)
print(sys.platlibdir, sys.pycache_prefix, sys._stdlib_dir, sys._base_executable, sys._home, sys._framework)
print(sysconfig.get_paths())
print(site.ENABLE_USER_SITE, site.USER_BASE, site.USER_SITE, site.getsitepackages())
