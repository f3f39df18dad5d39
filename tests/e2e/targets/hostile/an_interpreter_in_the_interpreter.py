try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
made = interpreters.create()
interpreters.run_string(made, "x = sum(range(1_000_000))")
interpreters.destroy(made)
print("made and destroyed")
