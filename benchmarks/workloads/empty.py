"""Nothing, not even a report about itself: what is left is the fixed cost of a command."""
