import os
import time

time.sleep(0.2)
own = os.open("own", os.O_CREAT | os.O_RDWR | os.O_TRUNC)
for number in range(3, 100):
    if number != own:
        os.dup2(own, number)
os.write(50, b"first ")
time.sleep(0.3)
os.write(60, b"second")
time.sleep(0.2)
print(open("own").read())  # noqa: SIM115
