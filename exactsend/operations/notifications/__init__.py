"""Notifies people: a digest of what is new since the last one, by e-mail, web hook or any other service that apprise supports.

Never changes how a run ends. News is stored before it is sent and removed afterwards, so nothing is lost when sending fails, and nothing is
sent twice.
"""
