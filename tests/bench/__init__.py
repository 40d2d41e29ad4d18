"""How many calls, how much time and how much memory runs take, measured on the sandbox: ``scripts/bench``."""
