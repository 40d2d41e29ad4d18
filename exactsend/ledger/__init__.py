"""A division's ledger on disk: sections of JSON records, and the events that made them. ``docs/ledger.md`` describes the files.

Read ``store`` first. ``loader`` reads the records from disk: ``snapshot`` has the open records in one readable file, ``history`` the events
of past runs, ``journal`` those of the present one. ``index`` finds records and numbers in the history, ``verify`` looks for damage,
``conversion`` converts folders of the previous format. Knows nothing of deliveries and labels: ``domain`` says what a record means.
"""
