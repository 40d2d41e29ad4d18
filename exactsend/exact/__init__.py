"""Exact Online's REST API, by its own names. Knows nothing of the rest of the program.

``client`` reads and writes one division, with ``row_reader`` and ``line_reader``; ``refused_groups`` finds the records that
make a query fail. ``wire`` builds the calls, ``replies`` and ``odata`` read the responses, and ``query_results`` has the
results of queries. ``endpoints`` lists the endpoints, ``models`` their records, and ``fields`` the types of their fields.

``auth`` keeps the sign-in, with ``tokens``, ``token_endpoint`` and ``consent``.
"""
