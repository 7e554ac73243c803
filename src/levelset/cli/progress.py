"""Progress on the terminal, with the time that remains."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from levelset.engine import Progress


@contextmanager
def progress_bars() -> Iterator[Callable[[str, Progress], None]]:
    """Show one bar per part of the work on standard error; nothing where that is no terminal.

    Yields:
        What to call with the name of a part and how far it is.
    """
    console = Console(stderr=True)
    bars = Bars(
        TextColumn("{task.description:16}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} epochs"),
        TextColumn("•"),
        TimeElapsedColumn(),
        TextColumn("•"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=console,
        disable=not console.is_terminal,
    )
    tasks = {}

    def show(part: str, progress: Progress) -> None:
        if part not in tasks:
            tasks[part] = bars.add_task(part, total=progress.epochs_total)
        bars.update(tasks[part], completed=progress.epochs_done, total=progress.epochs_total)

    with bars:
        yield show
