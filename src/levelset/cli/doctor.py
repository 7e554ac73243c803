"""`levelset doctor`."""

import json as json_format
from shutil import get_terminal_size
from typing import Annotated

from cyclopts import Parameter

from levelset.cli.options import RecipeOptions, Seed, Source, Target
from levelset.cli.progress import progress_bars
from levelset.data import load
from levelset.diagnostics.doctor import examine
from levelset.engine import Recipe
from levelset.errors import RecipeError

Scale = Annotated[
    bool, Parameter(help="Standardize numeric columns; --no-scale leaves them in their units.")
]
Prove = Annotated[
    bool, Parameter(help="Train with and without each remedy, on paired seeds.", negative=())
]
Replicates = Annotated[int, Parameter(help="Seeds of a proof.")]
Json = Annotated[bool, Parameter(help="Print JSON instead of text.", negative=())]


def doctor(  # noqa: PLR0913 (a command has as many arguments as options)
    table: Source,
    /,
    *,
    target: Target = None,
    scale: Scale = True,
    prove: Prove = False,
    replicates: Replicates = 8,
    seed: Seed = 0,
    json: Json = False,
    recipe: RecipeOptions = None,
) -> None:
    """Train a recipe on a table, name its faults, and prove the cure.

    The recipe's options are what is examined.
    """
    if replicates < 2:
        raise RecipeError(f"`--replicates` must be >= 2, got {replicates}; 8 is the default.")
    dataset = load(table, target)
    with progress_bars() as show:
        found = examine(
            dataset,
            recipe or Recipe(),
            scale=scale,
            seed=seed,
            prove_remedies=prove,
            replicates=replicates,
            progress=show,
        )
    if json:
        print(json_format.dumps(found.as_mapping(), indent=2, ensure_ascii=False))
        return
    print(dataset.summary)
    for note in dataset.notes:
        print(f"  {note}")
    if not scale:
        print("  Columns are in their units.")
    print(found.text(min(100, get_terminal_size().columns)))
    if found.diagnoses and not prove:
        print("\nAdd --prove to train each remedy beside the recipe, on paired seeds.")
