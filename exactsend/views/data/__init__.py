"""What the ledger knows, as values that commands can show: ``view_types`` has the types, ``ledger_queries`` reads them from a ledger.

Every reading command renders these values, so all of them agree.
"""
