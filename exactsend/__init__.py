"""exactsend connects Exact Online to Sendcloud."""

__version__ = "0.1.0"
