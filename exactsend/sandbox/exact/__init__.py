"""Exact Online's side: sign-in, OData reads and writes, limits, and what the shop's staff do in Exact itself.

``structure`` describes Exact's entities (derived from its documentation), ``state`` stores the rows, ``api`` answers
calls, and ``office`` is what people do in Exact without the API. Where the documentation leaves something open,
``behaviour`` has a switch.
"""
