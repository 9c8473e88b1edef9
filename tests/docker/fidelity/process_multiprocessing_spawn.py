import multiprocessing as mp, sys
value = 5
def work(queue, x): queue.put((x * value, __name__, sys.argv, sys.path[0]))
if __name__ == "__main__":
    context = mp.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=work, args=(queue, 4))
    process.start(); print(queue.get()); process.join(); print(process.exitcode)
