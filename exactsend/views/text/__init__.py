"""What a run did and what the ledger knows, as text for people and as JSON documents. Prints nothing, decides nothing.

``action_phrases`` and ``record_phrases`` have the phrases for codes, ``outcome_phrases`` makes sentences of them, ``json_documents``
has the parts of docs/json.md, and ``tables`` aligns columns.
"""
