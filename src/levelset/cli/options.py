"""Options that commands share, and how a command is written back as a line."""

import shlex
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from levelset.cli.pages import Format
from levelset.engine import Recipe
from levelset.studies import STUDIES

Source = Annotated[
    str,
    Parameter(
        help="A CSV, TSV or Parquet file, or a table of `levelset datasets`; those take options "
        "behind their name, as in moons:rows=200,noise=0.3."
    ),
]
StudyName = Annotated[
    str,
    Parameter(help=f"{', '.join(STUDIES)}; `levelset studies` lists them with their questions."),
]
Target = Annotated[str | None, Parameter(help="The column that holds the classes.")]
Budget = Annotated[
    Literal["quick", "standard", "thorough"], Parameter(help="How many replicates and epochs.")
]
Seed = Annotated[int, Parameter(help="Of every split, network and resample.")]
TestShare = Annotated[
    float, Parameter(help="Share of the rows to leave out; a report leaves out 0.2.")
]
Out = Annotated[
    Path | None, Parameter(help="The file to write; beside a page go its tables, in a folder.")
]
FormatOption = Annotated[
    Format | None,
    Parameter(help="What to write; by default what the ending of --out says."),
]
RecipeOptions = Annotated[Recipe | None, Parameter(name="*", group="Recipe")]


def chosen_format(form: Format | None, out: Path | None) -> Format:
    """Say what to write: as asked, or as the ending of the file says, or a page.

    Example:
        >>> chosen_format(None, Path("a.md")), chosen_format("json", None)
        ('markdown', 'json')
    """
    endings: dict[str, Format] = {".md": "markdown", ".json": "json"}
    return form or endings.get(out.suffix.lower() if out is not None else "", "html")


def command_line(
    command: str,
    *arguments: str,
    target: str | None,
    budget: str,
    seed: int,
    recipe: Recipe | None,
    test_share: float = 0.0,
) -> str:
    """Write a command as the line that runs it again, defaults left out.

    Example:
        >>> command_line(
        ...     "report", "my table.csv", target="y", budget="quick", seed=0, recipe=Recipe(l2=0.01)
        ... )
        "levelset report 'my table.csv' --target y --budget quick --l2 0.01"
    """
    words = ["levelset", command, *arguments]
    if target is not None:
        words += ["--target", target]
    if budget != "standard":
        words += ["--budget", budget]
    if seed != 0:
        words += ["--seed", str(seed)]
    if test_share != 0:
        words += ["--test-share", f"{test_share:g}"]
    if recipe is not None:
        for name, value in recipe.model_dump(exclude_unset=True).items():
            words += _option(name, value)
    return shlex.join(words)


def _option(name: str, value: object) -> list[str]:
    flag = "--" + name.replace("_", "-")
    if value is None:
        return []
    if isinstance(value, bool):
        return [flag if value else flag.replace("--", "--no-", 1)]
    if isinstance(value, tuple):
        return [flag, *map(str, value)] if value else [flag.replace("--", "--empty-", 1)]
    return [flag, f"{value:g}" if isinstance(value, float) else str(value)]
