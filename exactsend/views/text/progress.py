"""Progress bars on stderr, on a terminal only."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from exactsend.engine.division_run import Progress
from exactsend.views.text.terminal_escape import shown_on_one_line


@contextmanager
def progress_shown(stream: TextIO, *, wanted: bool, color: bool) -> Iterator[Callable[[str], Progress]]:
    """Yields a factory of a division's progress, which is silent without a terminal."""
    if not (wanted and stream.isatty()):
        yield lambda _division: Progress()
        return
    from rich.console import Console  # noqa: PLC0415 - needed on a terminal only
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn  # noqa: PLC0415 - likewise
    from rich.progress import Progress as Bars  # noqa: PLC0415 - likewise

    console = Console(file=stream, no_color=not color, legacy_windows=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
    )
    with Bars(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bars:

        def progress_of(division: str) -> Progress:
            task: TaskID = bars.add_task(division, total=None)

            def tell(phrase: str) -> None:
                bars.update(
                    task, description=shown_on_one_line(f"{division}: {phrase}"), total=None, completed=0
                )

            def step(done: int, of_all: int) -> None:
                bars.update(task, completed=done, total=of_all)

            return Progress(tell, step)

        yield progress_of
