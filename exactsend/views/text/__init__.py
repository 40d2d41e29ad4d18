"""What a run did and what is remembered, as text for people and as JSON documents. Pure: prints nothing, decides nothing.

``words`` has the sentences, ``documents`` the JSON of docs/json.md, ``tables`` aligns columns.
"""
