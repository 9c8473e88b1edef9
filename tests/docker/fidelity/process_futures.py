import concurrent.futures as futures, os
def cube(x): return x ** 3
if __name__ == "__main__":
    with futures.ThreadPoolExecutor(3) as pool: print(list(pool.map(cube, range(5))))
    with futures.ProcessPoolExecutor(2) as pool: print(list(pool.map(cube, range(5))))
