"""Both APIs, simulated: stateful, over real HTTP on the loopback interface.

The demo, the tests and a user's trial run on it. It follows the vendors' documentation, not what is convenient for the
client, and is as strict as the real services. It imports nothing of the rest of exactsend, and never calls the real
services.

Reading order: ``starting_worlds`` (what a sandbox starts with), ``server`` (how it is served), ``exact.office`` and
``sendcloud.panel`` (what people do by hand), ``faults`` (what can go wrong on the wire).
"""
