"""HTTP for both APIs: sends calls, enforces limits, and turns failures into the errors of ``exactsend.errors``.

``transport`` sends and ``retries`` says what is sent again. ``error_replies`` reads error responses, ``transport_errors``
the libraries' exceptions. ``origin`` pins the host, and ``redaction`` keeps secrets out of the logs.
"""
