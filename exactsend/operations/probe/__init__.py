"""``exactsend doctor --probe``: finds out on a real account what the vendors' documents leave open.

Makes unstamped letters alone, writes down in the ledger what it is about to do before it does it, and puts everything back:
in the end, or, when it was killed, at the beginning of the next probe.
"""
