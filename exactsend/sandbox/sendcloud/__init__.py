"""Sendcloud's API v3, simulated: orders, shipments, labels, and a person's hand in the panel.

Built from Sendcloud's published API description; where that leaves a behaviour open it is a switch in `behaviour`.
Knows nothing of Exact and nothing of exactsend.
"""
