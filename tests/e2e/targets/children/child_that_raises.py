import os

pid = os.fork()
if not pid:
    raise ValueError("in the child")
print(os.waitpid(pid, 0)[1])
