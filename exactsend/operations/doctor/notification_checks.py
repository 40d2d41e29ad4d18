"""Checks whether messages can be sent as ``[notify]`` requires. Sends none."""

from exactsend.operations.doctor.checks import CheckContext, CheckResults, Issue
from exactsend.operations.notifications.send import NotSent, require_sendable

_URL = "Set EXACTSEND_NOTIFY_URL, or EXACTSEND_NOTIFY_URL_FILE, where the timer runs."


def notify(context: CheckContext) -> CheckResults:
    """Whether there is an address to notify, and events to notify of."""
    events, url = context.wiring.settings.notify.on, context.wiring.secrets().find_notify_url()
    if events and url is None:
        yield Issue("notify.on is set, but no address to notify is", _URL)
    elif url is not None and not events:
        yield Issue("EXACTSEND_NOTIFY_URL is set, but notify.on is empty", "Set notify.on.")
    elif url is not None:
        try:
            require_sendable(url.get_secret_value())
        except NotSent as failed:
            yield Issue(failed.message, failed.hint)
