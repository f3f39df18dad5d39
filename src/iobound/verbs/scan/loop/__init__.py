"""The loops around a place or in a file, and whether their iterations need one another."""
