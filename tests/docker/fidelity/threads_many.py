import threading
lock, seen = threading.Lock(), []
def work(i):
    with lock: seen.append(i)
threads = [threading.Thread(target=work, args=(i,)) for i in range(20)]
for t in threads: t.start()
for t in threads: t.join()
print(sorted(seen), threading.stack_size())
