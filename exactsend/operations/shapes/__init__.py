"""How the answers of a real account differ in form from what the program expects: names, types, counts and lengths, never a value.

What is expected is asked of the models that read the answers (``expected``) and of the calls' own select lists. Reads by GET alone.
"""
