print(10 ** 4299 > 0)
print(str(10 ** 5000))
