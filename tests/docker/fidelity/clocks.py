import time
start = time.monotonic()
time.sleep(0.05)
print(0.05 <= time.monotonic() - start < 5, abs(time.time() - 1.7e9) < 1e9, time.process_time() < 5, time.perf_counter() > 0, time.thread_time() < 5)
print(time.get_clock_info("monotonic"), time.tzname)
