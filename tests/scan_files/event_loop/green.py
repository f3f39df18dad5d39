# rules: IOB1
# case: gevent makes it cooperative
from gevent import monkey

monkey.patch_all()

import time

import requests


async def cooperative(url):
    time.sleep(1)
    return requests.get(url)
