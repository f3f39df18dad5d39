"""A thousand decorated functions, in children too."""

import os
import time

import iobound

functions = []
for number in range(1000):
    exec(f"def work_{number}(): pass", scope := {"__name__": "shop"})
    functions.append(iobound.advise(scope[f"work_{number}"]))
for function in functions:
    function()
if os.fork() == 0:
    for function in functions[:200]:
        function()
    time.sleep(0.01)
    for function in functions[:200]:
        function()
    os._exit(0)
os.wait()
print('expect {"calls": {"work_7": 3, "work_199": 3, "work_200": 1, "work_999": 1}}')
