"""What was done, on disk: sections of JSON records and the log of events that made them.

Read ``store`` first. ``loader`` reads the records from disk: ``snapshot`` is the open records as one readable file, ``history`` the events
of past runs, ``journal`` those of the present one. ``index`` finds old records in the history, ``verify`` looks for damage, and
``conversion`` takes over folders of the format before. Knows nothing of deliveries and labels: ``domain`` says what a record means.
"""
