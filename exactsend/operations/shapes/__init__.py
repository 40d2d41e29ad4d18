"""Compares the form of a real account's answers with what the program expects: names, types, counts and lengths, never a value.

The expectations come from the models that read the answers (``expected_fields``) and from the calls' select lists. Sends only GET requests.
"""
