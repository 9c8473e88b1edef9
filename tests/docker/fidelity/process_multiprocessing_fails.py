import multiprocessing as mp
def work(): raise ValueError("in child")
if __name__ == "__main__":
    process = mp.Process(target=work, name="worker"); process.start(); process.join(); print(process.exitcode > 0)
