"""Read both sides into one snapshot. Only reads, on both sides; what it notes in the ledger is what it has seen. Decides nothing.

``run`` tells the story; ``polling`` asks Sendcloud what became of shipments and entries, ``detecting`` asks Exact what changed and
``watching`` what was corrected, both by its ``streams``; ``reading`` reads whole what is to be decided about.
"""
