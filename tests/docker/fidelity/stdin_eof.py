# stdin: "only\n"
print(input())
input("more? ")
