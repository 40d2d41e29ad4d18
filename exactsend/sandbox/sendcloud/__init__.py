"""Sendcloud's API v3, simulated: orders, shipments, labels, and what people do in the panel.

Built from Sendcloud's published API description. Where that leaves something open, `behaviour` has a switch. Nothing here
imports Exact or exactsend.
"""
