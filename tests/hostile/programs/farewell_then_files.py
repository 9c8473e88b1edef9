# Says farewell, has itself continued whenever it is stopped, and goes on changing what is being collected.
import os

from farewell import go_on_when_stopped, say

with open("kept", "w") as file:
    file.write("kept")
go_on_when_stopped()
say(5)
while True:
    with open("new", "w") as file:
        file.write("changed")
    os.rename("new", "kept")
