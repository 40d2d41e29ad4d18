"""Exact Online's REST API in its own words: what it is asked, how it answers, how one signs in. Knows nothing of this program."""
