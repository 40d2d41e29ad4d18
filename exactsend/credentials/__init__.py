"""Secrets and where they are stored. Sends nothing, and does not know what a token means.

``secrets`` finds the client secret and the Sendcloud keys; ``sign_in`` stores the tokens of a sign-in. ``store`` is the
interface of the two credential stores, ``file_store`` and ``keyring_store``, and ``store_choice`` decides between them.
"""
