# rules: IOB1
import time


# case: another module makes waiting cooperative
async def works():
    time.sleep(1)  # expect: IOB101~


def start():
    return works()
