"""How many calls each service allows, counted and kept. Pure: nothing here sends, waits or reads a clock.

``limits`` says what the transport asks; ``exact`` and ``sendcloud`` know the two vendors' rules; ``tally`` is what is
counted of Exact, ``book`` keeps it for the threads and processes of one sign-in.
"""
