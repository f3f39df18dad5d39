# rules: IOB902
# case: a name comes from a module that is not scanned
from elsewhere import *  # expect: IOB902

fetch(1)
