"""Exact Online's REST API, by its own names. Knows nothing of the rest of the program.

``client`` reads and writes one division. ``row_reader`` reads certain records, ``sync_reader`` whole listings, ``line_reader``
lines, all with ``page_reader``; ``refused_groups`` finds the records that make a query fail. ``errors`` has the errors that
they raise. ``wire`` builds the calls, ``replies`` and ``odata`` read the responses, and ``query_results`` has the
results of queries. ``endpoints`` lists the endpoints, ``models`` their records, and ``fields`` the types of their fields.

``auth`` keeps the sign-in, with ``tokens``, ``token_endpoint`` and ``consent``.
"""
