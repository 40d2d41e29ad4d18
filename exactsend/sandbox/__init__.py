"""Both APIs, simulated: stateful, over real HTTP on the loopback interface.

The demo, the tests and a user's trial run on it. It is written from what the vendors document, not from what is
convenient for the client, and is strict wherever the real service is. It imports nothing of the rest of
exactsend, and nothing here talks to the real services.

Reading order: ``worlds`` (what there is to start from), ``server`` (how it is served), ``exact.office`` and
``sendcloud.panel`` (what a person does by hand), ``faults`` (what can go wrong on the wire).
"""
