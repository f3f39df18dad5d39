"""Calls of the catalogue, made so that the GIL probe can look at them."""
