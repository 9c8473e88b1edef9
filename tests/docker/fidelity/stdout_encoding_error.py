print("fine")
print("\ud800")
