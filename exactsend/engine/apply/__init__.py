"""Carry out a plan: one action after another; intent first, then effect, then record. Decides nothing that ``plan`` could decide.

``run`` goes through a plan; ``entries`` writes incoming orders, ``labels`` buys after ``looking`` once more, ``adopting`` takes what is there, ``writebacks`` writes into Exact.
"""
