"""Who may use the division, and what happens to it as a whole."""

from collections.abc import Iterable

from exactsend.sandbox.exact.oauth import give_consent, query_options
from exactsend.sandbox.exact.office.locked_division import LockedDivision, locked
from exactsend.sandbox.exact.state import BackUp

_BACKUP = 1


class Administration(LockedDivision):
    """The owner of the licence, and Exact's own operators."""

    @locked
    def consent(self, authorize_url: str, *, divisions: Iterable[int] | None = None) -> str:
        """Consent as a person in the browser does.

        Args:
            authorize_url: the address that the program printed.
            divisions: which divisions to grant; absent: all.

        Returns:
            The address that the browser ends at, ready to be copied: ``https://…?code=…%21…&state=…``.

        Raises:
            Refusal: the address names another client or redirect address than is registered.
        """
        return give_consent(self.world, query_options(authorize_url), divisions)

    @locked
    def revoke_consent(self) -> None:
        """Take every app's access back at once."""
        for client_id in self.world.apps:
            self.world.sign_ins.revoke(client_id)

    @locked
    def set_right(self, scope: str, right: str | None) -> None:
        """Set what the app registrations may do: ``read``, ``manage`` or None."""
        for app in self.world.apps.values():
            app.rights.pop(scope, None)
            if right is not None:
                app.rights[scope] = right

    @locked
    def block_division(self) -> None:
        """Start a backup: the division can't be used."""
        self.division.blocking_status = _BACKUP

    @locked
    def unblock_division(self) -> None:
        """Let the division be used again."""
        self.division.blocking_status = 0

    @locked
    def move_division(self) -> None:
        """Move the division to another database: every row version is another, lower one."""
        self.division.reissue_versions()

    @locked
    def back_up(self) -> BackUp:
        """Make a back-up of the division."""
        return self.division.backed_up()

    @locked
    def restore(self, back_up: BackUp) -> None:
        """Put a back-up back: what was done since is gone, and its row versions and numbers are given again."""
        self.division.restore(back_up)

    @locked
    def use_up_calls(self, *, calls_left_today: int = 0) -> None:
        """Let another program with the same app use the day's calls, all but some."""
        for client_id in self.world.apps:
            self.world.metering.use_up(client_id, self.division.code, calls_left_today=calls_left_today)
