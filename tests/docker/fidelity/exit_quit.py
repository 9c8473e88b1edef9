print("x")
quit("bye")
