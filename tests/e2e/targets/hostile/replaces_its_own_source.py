import time

open(__file__, "w").write("nothing = 1\n" * 50)  # noqa: SIM115
time.sleep(0.3)
print("still here")
