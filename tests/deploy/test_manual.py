"""The manual page: it is what the program's help says now, and those who read such pages find nothing wrong with it."""

from tests.derived.manual import manual
from tests.documents import commands
from tests.tools import ROOT, run, tool

PAGE = ROOT / "deploy" / "man" / "exactsend.1"


def test_it_is_made_from_the_help_as_it_is_now() -> None:
    assert PAGE.read_text() == manual(), "scripts/derive makes it anew"


def test_mandoc_finds_nothing() -> None:
    done = run(tool("mandoc"), "-T", "lint", "-W", "style", PAGE)

    assert (done.returncode, done.stdout) == (0, "")


def test_groff_has_no_warning() -> None:
    done = run(tool("groff"), "-man", "-ww", "-z", PAGE)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_finds_every_command_and_option() -> None:
    shown = run(tool("groff"), "-man", "-T", "ascii", "-P", "-cbou", "-rLL=200n", PAGE).stdout

    for command, options in commands().items():
        assert f"exactsend {command}" in shown
        assert [option for option in options if option not in shown] == []
