"""The errors that the readers of this package raise about an endpoint."""

from exactsend.errors import Forbidden, Unreadable


def missing_right(path: str) -> Forbidden:
    """The error for an endpoint that returns nothing because the user who signed in has no right to it."""
    why = "the user who signed in has no right to it"
    forbidden = Forbidden(
        f"Exact shows nothing at GET {path}: {why}",
        api="Exact",
        method="GET",
        http_status=403,
        hint="Give the user the right to it in Exact, then run: exactsend doctor",
    )
    forbidden.endpoint, forbidden.said = path, why
    return forbidden


def unreadable(path: str, why: str, message: str = "") -> Unreadable:
    """The error for unexpected rows of an endpoint."""
    message = message or f"Exact sent an unexpected response to GET {path}: {why}"
    error = Unreadable(message, api="Exact", method="GET", http_status=200)
    error.endpoint, error.said = path, why
    return error
