"""What an observed program and the observer beside it say to one another."""

BEGIN, HAND_ON, STOP = "begin", "hand on", "stop"
"""The program: let the recording begin; put what was seen so far into it; end it."""

GONE = "gone"
"""What it says by having ended itself."""

READY = "ready"
"""The observer's first answer, followed by the setting of the agent that the program has to start, if any."""
