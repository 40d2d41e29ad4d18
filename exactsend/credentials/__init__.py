"""Secrets: where they are looked up (``secrets``), the two stores that keep them (``stores``, ``keyring_store``), which store it is (``choice``), and the tokens of a sign-in (``sign_in``).

Nothing here talks to a service, and nothing here knows what a token means.
"""
