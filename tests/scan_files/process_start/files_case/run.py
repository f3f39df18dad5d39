# rules: IOB601
# case: a function of another file starts processes while this one is imported
from work import crunch, plain

crunch([1, 2])  # expect: IOB601

# case: a function that starts none
plain([1])
