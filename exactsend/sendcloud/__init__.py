"""Sendcloud's API v3, by its own names. Knows nothing of the rest of the program.

``client`` reads and writes one integration. ``wire`` builds its calls, ``replies`` reads the responses as models, and
``refusals`` reads error responses. ``option_queries`` sends queries for shipping options.

The models: ``models`` (shipments, orders, service points, account), ``parcels`` with ``statuses``, ``shipping_rules``,
``offered_options`` and ``address_check``. ``fields`` has the types of their fields.
"""
