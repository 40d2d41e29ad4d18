"""Decides what to do about what was read. Pure: no clock, no network, no disk.

``orders`` decides about sales orders, ``labels`` about goods deliveries, with ``after_label`` for those that have a
label and ``gone_deliveries`` for those deleted or without an order. ``incoming_orders`` decides about incoming orders
that deliveries own, ``writebacks`` about what is written to Exact. ``purchase_verdict`` judges the check before a
purchase; ``guard`` stops purchases.
"""
