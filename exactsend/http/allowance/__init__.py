"""The call limits of both services. Pure: nothing here sends, waits or reads a clock.

``rate_limit`` is the interface that the transport uses; ``exact_limits`` and ``sendcloud_limits`` know the two vendors'
rules. ``usage`` counts calls to Exact, and ``call_counters`` shares the counts between threads and processes of one sign-in.
"""
