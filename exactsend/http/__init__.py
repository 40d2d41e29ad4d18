"""HTTP for both APIs: sends calls, enforces limits, and turns failures into the errors of ``exactsend.errors``.

``messages`` has the call and the reply as values, and ``json_values`` reads values in replies. ``transport`` sends calls within
a ``deadline``, ``retries`` decides what is sent again, and ``allowance`` keeps the limits. ``error_replies`` reads error
responses, and ``transport_errors`` the libraries' exceptions. ``origin`` pins the host, and ``redaction`` keeps secrets out of
the logs.
"""
