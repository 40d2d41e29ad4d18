"""Disks that are full, broken, read-only, open to others, damaged or shared: one clear sentence, status 6, nothing bought; then all goes on."""

import errno
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exactsend.sandbox import starting_worlds
from exactsend.system import lock
from tests.shop import Finished, Shop

DAMAGED = Path(__file__).parents[1] / "ledger" / "damaged"
REFUSED = sorted(
    path for path in DAMAGED.iterdir() if "says" in json.loads((path / "verdict.json").read_text())
)
FAULTS = {"full": errno.ENOSPC, "quota": errno.EDQUOT, "broken": errno.EIO, "read-only": errno.EROFS}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """One order pushed, one delivery waiting to be bought by the next run."""
    with Shop(tmp_path, world=starting_worlds.empty) as shop:
        shop.office.add_item("MUG", "Enamel mug", weight=0.35)
        account = shop.office.add_account(
            "Vermeulen B.V.", address_line="Kanaalstraat 12", postcode="3531 GV"
        )
        shop.connect()
        order = shop.office.place_order(account, [("MUG", 2, 12.5)], method="PNL")
        assert shop.run("sync").status == 0
        shop.pass_time(minutes=5)
        shop.office.deliver(order)
        yield shop
        assert shop.sandbox.crashes == []


class Disk:
    """The disk below one folder. From the n-th time that something is made durable or changed there, it fails; until it is mended."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._error: int | None = None
        self._sound_for = 0
        for name, finds in (("fsync", _of_descriptor), ("write", _of_descriptor), ("open", _of_path)):
            monkeypatch.setattr(os, name, self._failing(getattr(os, name), finds))

    def fails_with(self, error: int, *, after: int = 0) -> None:
        self._error, self._sound_for = error, after

    def mend(self) -> None:
        self._error = None

    def _failing(
        self, real: Callable[..., object], finds: Callable[..., Path | None]
    ) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            path = finds(*args) if self._error else None
            if self._error and path is not None and path.is_relative_to(self._folder):
                self._sound_for -= 1
                if self._sound_for < 0:
                    raise OSError(self._error, os.strerror(self._error))
            return real(*args, **kwargs)

        return call


def _of_descriptor(descriptor: int, *_: object) -> Path | None:
    return Path(f"/proc/self/fd/{descriptor}").readlink()


def _of_path(path: object, flags: int = 0, *_: object) -> Path | None:
    """Only what is opened to be changed."""
    return Path(str(path)) if flags & (os.O_WRONLY | os.O_RDWR) else None


@pytest.fixture
def disk(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(ledger(shop), monkeypatch)


def ledger(shop: Shop) -> Path:
    return shop.state / str(starting_worlds.DIVISION)


def purchases(shop: Shop) -> int:
    return sum("/announce" in call.path for call in shop.sandbox.writes("sendcloud"))


def assert_refused(shop: Shop, finished: Finished, *words: str) -> None:
    """Status 6, in sentences, with the next step, and nothing was bought."""
    assert finished.status == 6, finished.err
    assert finished.out == ""
    assert "Traceback" not in finished.err
    assert [word for word in words if word not in finished.err] == []
    assert len(finished.err.splitlines()) <= 4, finished.err
    assert purchases(shop) == 0


def assert_goes_on(shop: Shop) -> None:
    """With the damage undone, runs finish the work: one label, written back once."""
    for _ in range(2):
        shop.pass_time(minutes=6)
        assert shop.run("sync").status == 0
    (delivery,) = shop.office.delivery_numbers()
    (label,) = shop.panel.labels()
    assert shop.office.tracking(delivery) == label.tracking_number
    assert len(shop.office.attachments(delivery)) == 1
    assert len(shop.sandbox.world.sendcloud.paid()) == 1
    assert shop.run("ledger", "verify").status == 0


@pytest.mark.parametrize("fault", FAULTS)
def test_a_disk_that_takes_nothing_buys_nothing(shop: Shop, disk: Disk, fault: str) -> None:
    disk.fails_with(FAULTS[fault])
    assert_refused(shop, shop.run("sync"), str(ledger(shop)), "can't be used")
    disk.mend()
    assert_goes_on(shop)


@pytest.mark.parametrize("after", range(0, 48, 3))
@pytest.mark.parametrize("fault", ["full", "broken"])
def test_a_disk_that_fails_at_any_time_never_costs_a_second_label(
    shop: Shop, disk: Disk, fault: str, after: int
) -> None:
    disk.fails_with(FAULTS[fault], after=after)
    finished = shop.run("sync")
    assert finished.status in {0, 6}, finished.err
    assert "Traceback" not in finished.err
    disk.mend()
    assert_goes_on(shop)
    assert purchases(shop) == 1


def test_tokens_that_could_not_be_stored_are_not_asked_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.pass_time(minutes=11)
    disk = Disk(shop.state / "sign-in", monkeypatch)
    disk.fails_with(errno.ENOSPC)
    mark = len(shop.sandbox.calls)
    assert_refused(shop, shop.run("sync"), "no space is left")
    assert [call for call in shop.sandbox.calls_since(mark) if "oauth2" in call.path] == []
    disk.mend()
    assert_goes_on(shop)


def test_a_folder_that_nobody_may_write_says_so(shop: Shop) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere; the read-only disk above says the same")
    ledger(shop).chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert_refused(shop, shop.run("sync"), "permission is denied")
    ledger(shop).chmod(stat.S_IRWXU)
    assert_goes_on(shop)


@pytest.mark.parametrize(("name", "mode"), [("ledger.json", 0o644), ("history", 0o755), (".", 0o750)])
def test_files_that_others_may_read_are_refused_with_the_command_that_cures_it(
    shop: Shop, name: str, mode: int
) -> None:
    path = ledger(shop) / name
    before = path.stat().st_mode
    path.chmod(mode)
    assert_refused(shop, shop.run("sync"), "chmod", str(path.resolve()))
    path.chmod(before)
    assert_goes_on(shop)


@pytest.mark.parametrize("case", REFUSED, ids=[case.name for case in REFUSED])
@pytest.mark.parametrize("command", [("sync",), ("labels", "create", "4711", "--yes")], ids=" ".join)
def test_a_damaged_ledger_stops_the_run_before_it_asks_anybody(
    shop: Shop, case: Path, command: tuple[str, ...]
) -> None:
    shutil.rmtree(ledger(shop))
    shutil.copytree(case, ledger(shop), ignore=shutil.ignore_patterns("verdict.json"))
    for path in (ledger(shop), *ledger(shop).rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    mark = len(shop.sandbox.calls)
    says = json.loads((case / "verdict.json").read_text())["says"]
    assert_refused(shop, shop.run(*command), *says)
    assert shop.sandbox.calls_since(mark) == []
    verified = shop.run("ledger", "verify")
    assert verified.status == 6
    assert [word for word in says if word not in verified.out + verified.err] == []


def test_a_torn_last_line_is_what_a_crash_leaves_and_is_repaired(shop: Shop) -> None:
    journal = ledger(shop) / "journal.jsonl"
    with journal.open("ab") as file:
        file.write(b'{"seq": 99, "event": "label_in')
    assert_goes_on(shop)


def test_looking_repairs_nothing_and_says_what_it_can(shop: Shop) -> None:
    (ledger(shop) / "ledger.json").write_text("{}")
    before = (ledger(shop) / "ledger.json").read_bytes()
    for command in (("errors",), ("labels", "list"), ("explain", "4711"), ("ledger", "show", "4711")):
        assert shop.run(*command).status == 6, command
    assert (ledger(shop) / "ledger.json").read_bytes() == before


def test_a_network_disk_under_the_lock_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = lock.file_system_of(shop.state)
    assert kind
    with monkeypatch.context() as patch:
        patch.setattr(lock, "NETWORK_FILE_SYSTEMS", frozenset({kind}))
        assert_refused(shop, shop.run("sync"), "network disk", "--state-dir")
    assert_goes_on(shop)


def test_a_file_in_the_place_of_the_folder_is_told(shop: Shop) -> None:
    shutil.rmtree(ledger(shop))
    ledger(shop).write_text("")
    assert_refused(shop, shop.run("sync"), str(ledger(shop)))
    ledger(shop).unlink()
    assert_goes_on(shop)
