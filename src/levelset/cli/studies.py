"""`levelset studies`."""

from rich.console import Console
from rich.table import Table

from levelset.studies import STUDIES


def studies() -> None:
    """List the studies, each with its question."""
    table = Table(box=None, pad_edge=False)
    table.add_column("name", no_wrap=True)
    table.add_column("question")
    for name, study in STUDIES.items():
        table.add_row(name, study.question if study.in_report else f"{study.question} *")
    console = Console()
    console.print(table, highlight=False)
    console.print(
        "\nAsk one of a table: levelset study NAME TABLE. A report asks all that fit the table, "
        "except those marked *, which cost as much as all others together.",
        highlight=False,
    )
