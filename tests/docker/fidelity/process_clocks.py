import os, resource, time
print(resource.getrusage(resource.RUSAGE_CHILDREN)[:2], os.times().children_user, resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt)
resource.setrlimit(resource.RLIMIT_CPU, (2, 3))
while time.process_time() < 0.1: pass
print(resource.getrlimit(resource.RLIMIT_CPU), 0.1 <= time.process_time() < 2, 0 < time.thread_time() <= time.process_time())
