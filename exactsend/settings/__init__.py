"""The configuration: where it stands (``places``), what it holds (``models``), how it is read and what is wrong with it (``load``, ``faults``).

Secrets are not part of it: they are the business of ``credentials``.
"""
