# rules: IOB1
from gevent import monkey

monkey.patch_all()

import worker

worker.start()
