"""Exact Online's side: sign-in, OData reads and writes, limits, and a person's hand in the program itself.

``structure`` says what Exact has (derived from its documentation), ``state`` what is stored, ``api`` how a call is
answered, ``office`` what people do in Exact without the API. What the references leave open is a switch in
``behaviour``.
"""
