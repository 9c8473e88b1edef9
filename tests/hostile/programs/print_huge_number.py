# A number with more digits than the interpreter converts.
print(10**5000)
