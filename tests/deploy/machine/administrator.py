"""Plays an administrator in the emulated machine of ``scripts/machine``: what docs/setup.md prints is what is typed.

Two parts with a reboot between them. Each thing that was looked at is one line: ``ok`` or ``OFF``, what, and what was found.
"""

import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.deploy.machine import failing, running, setting_up, stopping
from tests.deploy.machine.shell import Machine

REBOOTED = Path("/var/lib/trial-rebooted")

BEFORE_THE_REBOOT: Sequence[Callable[[Machine], None]] = (
    setting_up.what_this_is,
    setting_up.the_program_is_installed,
    setting_up.the_sandbox_runs_as_a_service,
    setting_up.folders_configuration_and_secrets,
    setting_up.connecting_with_the_units_secrets,
    running.the_first_run_by_systemd,
    running.what_a_run_left_behind,
    running.the_timer_fires_by_itself,
    running.what_the_journal_says,
    failing.a_failure_is_tried_out,
    failing.a_label_that_needs_a_person,
    failing.another_run_holds_the_division,
    failing.a_limit_stops_the_purchases,
    failing.a_wrong_configuration,
    stopping.stopped_in_the_middle_of_a_purchase,
    failing.a_run_that_takes_too_long,
    failing.the_watch,
    running.a_file_of_metrics,
    running.how_exposed_the_units_are,
    running.secrets_from_connect_and_none_from_systemd,
    running.cron_instead_of_the_timer,
    failing.a_service_out_of_reach,
    stopping.the_timer_is_left_enabled,
)
AFTER_THE_REBOOT: Sequence[Callable[[Machine], None]] = (
    stopping.the_timer_goes_on_after_the_reboot,
    stopping.uninstalling,
)


def main() -> None:
    machine = Machine()
    has_rebooted = REBOOTED.exists()
    for scene in AFTER_THE_REBOOT if has_rebooted else BEFORE_THE_REBOOT:
        machine.headline(scene.__doc__ or scene.__name__)
        try:
            scene(machine)
        except Exception:  # noqa: BLE001 - one scene that goes wrong does not stop the others
            machine.see("this went as written", holds=False, found=traceback.format_exc(limit=-3))
    if has_rebooted:
        print("END of the list", flush=True)
        machine.run("systemctl poweroff")
    else:
        REBOOTED.touch()
        machine.run("systemctl reboot")


if __name__ == "__main__":
    main()
