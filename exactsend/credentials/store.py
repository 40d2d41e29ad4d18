"""The interface of a credential store."""

from typing import Literal, Protocol

StoreKind = Literal["file", "keyring"]
PROBE = "probe"
"""The name of the value that is written only to prove that writing works."""


class CredentialStore(Protocol):
    """Stores secrets by name. A failure raises an error; None always means that nothing is stored."""

    @property
    def kind(self) -> StoreKind:
        """The store's name in the configuration and in messages."""

    def get(self, name: str) -> str | None:
        """The value of ``name``; None if there is none."""

    def put(self, name: str, value: str) -> None:
        """Store ``value`` durably: it survives a power failure after this returns."""

    def delete(self, name: str) -> None:
        """Delete ``name``, if it exists."""

    def prove(self, size: int) -> None:
        """Prove that a value of ``size`` characters can be stored now."""
