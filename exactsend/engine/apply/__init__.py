"""Carries out a plan, one action after another: record the intent, act, record the result. Leaves decisions to ``plan``.

``run`` goes through a plan. ``incoming_orders`` pushes and withdraws, ``label_purchase`` buys after
``prepurchase_check``, ``adopt`` takes over existing shipments, ``writeback`` and ``tracking_removal`` write to Exact.
"""
