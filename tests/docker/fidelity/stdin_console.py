# stdin: "1 + 1\nx = 5\nprint(x)\n1 / 0\nimport sys\nsys.exit(3)\n"
import code, sys
console = code.InteractiveConsole({"__name__": "mine"})
try: console.interact(banner="", exitmsg="over")
except SystemExit as error: print("exit", error.code)
print(hasattr(sys, "ps1"))
