"""From files to a program: `summary` reads one file, `tree` links them, `effects` says what each function waits for."""
