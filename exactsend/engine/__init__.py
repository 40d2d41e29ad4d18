"""A run: read both services, decide what to do, do it, and report it.

``sync`` is the story in one screen. ``gather`` reads, ``plan`` decides and touches nothing, ``apply`` acts.
"""
