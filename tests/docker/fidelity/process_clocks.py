import os, resource, time
print(resource.getrusage(resource.RUSAGE_CHILDREN)[:2], os.times().children_user, resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt)
resource.setrlimit(resource.RLIMIT_CPU, (2, 3))
while time.process_time() < 0.5: pass
print(resource.getrlimit(resource.RLIMIT_CPU), 0.5 <= time.process_time() < 1, 0.4 < time.thread_time() <= time.process_time())
