"""Access to the division, and operations on the division as a whole."""

from collections.abc import Iterable

from exactsend.sandbox.exact.oauth import give_consent, query_options
from exactsend.sandbox.exact.office.locked_division import LockedDivision, locked
from exactsend.sandbox.exact.state import BackUp

_BACKUP = 1


class Administration(LockedDivision):
    """What the owner of the licence does, and what Exact's operators do."""

    @locked
    def consent(self, authorize_url: str, *, divisions: Iterable[int] | None = None) -> str:
        """Consent, as a person does in the browser.

        Args:
            authorize_url: the address that the program has printed.
            divisions: the divisions to grant; None: all.

        Returns:
            The address that the browser is sent to, which the person copies: ``https://…?code=…%21…&state=…``.

        Raises:
            ExactRefusal: the client or the redirect address is not registered.
        """
        return give_consent(self.world, query_options(authorize_url), divisions)

    @locked
    def revoke_consent(self) -> None:
        """End the access of all apps immediately."""
        for client_id in self.world.apps:
            self.world.sign_ins.revoke(client_id)

    @locked
    def set_right(self, scope: str, right: str | None) -> None:
        """Set the right of all apps in a scope: ``read``, ``manage`` or None."""
        for app in self.world.apps.values():
            app.rights.pop(scope, None)
            if right is not None:
                app.rights[scope] = right

    @locked
    def block_division(self) -> None:
        """Start a back-up; meanwhile the division can't be used."""
        self.division.blocking_status = _BACKUP

    @locked
    def unblock_division(self) -> None:
        """End the back-up; the division can be used again."""
        self.division.blocking_status = 0

    @locked
    def move_division(self) -> None:
        """Move the division to another database; all row versions change, to lower ones."""
        self.division.reissue_versions()

    @locked
    def back_up(self) -> BackUp:
        """Make a back-up of the division."""
        return self.division.back_up()

    @locked
    def restore(self, back_up: BackUp) -> None:
        """Restore a back-up. Later changes are lost, and their row versions and numbers are used again."""
        self.division.restore(back_up)

    @locked
    def use_up_calls(self, *, calls_left_today: int = 0) -> None:
        """Use up the day's calls except some, as another program with the same app would."""
        for client_id in self.world.apps:
            self.world.metering.use_up(client_id, self.division.code, calls_left_today=calls_left_today)
