"""Sendcloud's API v3 in its own words: what it is asked and how it answers. Knows nothing of this program."""
