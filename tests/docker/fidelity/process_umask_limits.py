import os, resource
print(oct(os.umask(0)), resource.getrlimit(resource.RLIMIT_STACK), resource.getrlimit(resource.RLIMIT_CORE), os.nice(0), os.sched_getaffinity(0))
