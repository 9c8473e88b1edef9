import runpy, sys
print(runpy.run_path("/box/main.py", run_name="again")["__name__"] if __name__ == "__main__" else sys.argv)
