for i in range(30000): print(i, "x" * 20)
