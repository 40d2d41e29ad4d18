"""Checks of who is told: whether messages could be sent as ``[notify]`` wants it. Sends none."""

from exactsend.operations.doctor.checks import CheckContext, Found, Trouble
from exactsend.operations.notifications.send import NotSent, require_sendable

_URL = "Set EXACTSEND_NOTIFY_URL, or EXACTSEND_NOTIFY_URL_FILE, where the timer runs."


def notify(case: CheckContext) -> Found:
    """Whether there is somebody to tell, and something to tell it with."""
    on, found = case.wiring.settings.notify.on, case.wiring.secrets().find_notify_url()
    if on and found is None:
        yield Trouble("notify.on says what to tell, and nothing says to whom", _URL)
    elif found is not None and not on:
        yield Trouble("EXACTSEND_NOTIFY_URL says whom to tell, and notify.on is empty", "Set notify.on.")
    elif found is not None:
        try:
            require_sendable(found.get_secret_value())
        except NotSent as failed:
            yield Trouble(failed.message, failed.hint)
