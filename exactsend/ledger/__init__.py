"""What has been done, on disk: sections of JSON records and the log of events that made them.

Read ``store`` first. ``folder`` makes the records from what stands on disk: ``snapshot``, the records as one readable file,
``history``, the events of past runs, and ``journal``, those of the present one. ``lock`` keeps a second run out, ``verify``
looks for damage, ``durable`` is all that touches the disk.
Knows nothing of deliveries and labels: what a record means is said in ``domain``.
"""
