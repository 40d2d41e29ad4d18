"""Carries calls over HTTP. Knows neither API's questions; decides nothing about deliveries.

``http`` sends and ``repeating`` says what is sent again; ``refusals`` reads answers that say no and ``failures`` the
libraries' exceptions, both into the tree of ``exactsend.errors``; ``origin`` pins the host; ``redaction`` keeps secrets out
of the logs.
"""
