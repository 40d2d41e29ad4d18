"""Messages to people: a digest of what is new since the last one, by e-mail, web hook or whatever else apprise knows.

Never changes how a run ends. What is new is stored before it is sent, and forgotten when it was: nothing is lost where sending
fails, and nothing is told twice.
"""
