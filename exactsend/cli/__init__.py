"""The command line: parses arguments, calls the program, prints what it answers."""
