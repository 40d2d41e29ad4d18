"""Reads both services into one snapshot. Writes nothing to them, decides nothing, and records in the ledger what it saw.

``run`` shows the order. ``shipment_poll`` reads Sendcloud's shipments and incoming orders. ``changes`` finds what
changed in Exact, ``master_data`` which accounts, contacts, addresses and items did; both read Exact's streams with
``cursors``. ``details`` reads orders and deliveries whole, with the records that they refer to.
"""
