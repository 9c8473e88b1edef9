import subprocess
subprocess.Popen(["sleep", "30"])
print("done")
