"""What is remembered, arranged for looking at: ``views`` has the values, ``model`` reads them from the ledger.

Every command that only looks renders these views; none keeps its own idea of what happened.
"""
