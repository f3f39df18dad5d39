import os

pid = os.posix_spawn("/bin/sh", ["sh", "-c", "sleep 0.2; exit 9"], os.environ)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
