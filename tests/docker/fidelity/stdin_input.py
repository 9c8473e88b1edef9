# stdin: "one\ntwo\nlast without newline"
print([input(), input("prompt> "), input()])
