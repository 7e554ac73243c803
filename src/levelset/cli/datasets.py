"""`levelset datasets`."""

from rich.console import Console
from rich.table import Table

from levelset.data import BUNDLED, load_bundled


def datasets() -> None:
    """List the tables that come with levelset and need no network."""
    table = Table(box=None, pad_edge=False)
    for column in ("name", "rows", "columns", "classes", "target"):
        numeric = column in ("rows", "columns", "classes")
        table.add_column(column, justify="right" if numeric else "left")
    for name in BUNDLED:
        dataset = load_bundled(name)
        table.add_row(
            name,
            str(dataset.rows),
            str(len(dataset.columns)),
            str(len(dataset.classes)),
            dataset.target_name,
        )
    Console().print(table)
