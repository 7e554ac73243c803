"""`levelset datasets`."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from levelset.data import BUNDLED, SYNTHETIC, Dataset, Option, load

_OF_ALL = ("label_noise", "permuted_labels", "seed")


def datasets() -> None:
    """List the tables that come with levelset and need no network, and their options."""
    console = Console()
    console.print(_tables(), highlight=False)
    console.print(
        "\nOptions may stand behind a name, as in moons:rows=200,noise=0.3. With their defaults:\n",
        highlight=False,
    )
    console.print(_options(), highlight=False)


def _tables() -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("name", "rows", "columns", "classes", "target", ""):
        numeric = column in ("rows", "columns", "classes")
        table.add_column(column, justify="right" if numeric else "left")
    for name in BUNDLED:
        table.add_row(*_row(load(name)), "")
    for name, synthetic in SYNTHETIC.items():
        table.add_row(*_row(load(name)), synthetic.description)
    return table


def _row(dataset: Dataset) -> tuple[str, ...]:
    counts = (dataset.rows, len(dataset.columns), len(dataset.classes))
    return (dataset.name, *map(str, counts), dataset.target_name)


def _options() -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    shared = next(iter(SYNTHETIC.values())).options
    _add(table, "all tables", [option for option in shared if option.name in _OF_ALL])
    _add(table, "synthetic", [option for option in shared if option.name == "rows"], "rows")
    for name, synthetic in SYNTHETIC.items():
        _add(table, name, synthetic.own_options)
    return table


def _add(table: Table, name: str, options: Sequence[Option], written: str = "") -> None:
    for number, option in enumerate(options):
        default = f"{option.name}={option.default:g}"
        table.add_row(name if number == 0 else "", written or default, option.meaning)
