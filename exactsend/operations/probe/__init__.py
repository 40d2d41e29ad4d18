"""``exactsend doctor --probe``: tries on a real account what the vendors' documents leave open.

Creates only unstamped letters and records each write in the ledger before sending it. A probe restores everything at its end; what a killed
probe left, the next one restores first.
"""
