"""The command line: reads what is asked for, shows what is found, exits."""
