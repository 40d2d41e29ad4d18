"""The check that the extra ``sandbox``, which brings the simulated services, is installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from exactsend.errors import UsageError


@contextmanager
def sandbox_extra() -> Iterator[None]:
    """Surrounds the import of the simulated services.

    Raises:
        UsageError: the libraries of the extra are missing.
    """
    try:
        yield
    except ModuleNotFoundError as cause:
        if str(cause.name).startswith("exactsend"):
            raise
        raise UsageError(
            "the simulated services are not installed; to install them: pip install 'exactsend[sandbox]'"
        ) from cause
