"""One run of one division: read both services, decide, act, and report.

Start with ``sync``, which shows the whole run. ``gather`` reads, ``plan`` decides without I/O, ``apply`` acts.
"""
