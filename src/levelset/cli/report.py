"""`levelset report`."""

from levelset.cli.options import Budget, Out, RecipeOptions, Seed, Source, Target, command_line
from levelset.cli.pages import page_path, write_page
from levelset.cli.progress import progress_bars
from levelset.data import load
from levelset.engine import Recipe
from levelset.report import TEST_SHARE, ReportRequest, build_report, page


def report(
    table: Source,
    /,
    *,
    target: Target = None,
    budget: Budget = "standard",
    seed: Seed = 0,
    out: Out = None,
    recipe: RecipeOptions = None,
) -> None:
    """Run every study on a table and write one HTML page, the verdict first.

    The recipe's options are the base that the studies vary.
    """
    dataset = load(table, target)
    path = page_path(out, dataset.name)
    shared = {"target": target, "budget": budget, "seed": seed}
    request = ReportRequest(
        dataset=dataset,
        recipe=recipe or Recipe(),
        budget=budget,
        seed=seed,
        command=command_line("report", table, recipe=recipe, **shared),
        study_command=lambda name, given: command_line(
            "study", name, table, recipe=given, test_share=TEST_SHARE, **shared
        ),
    )
    with progress_bars() as show:
        content = build_report(request, show)
    write_page(path, page(content))
    conclusion = content.conclusion
    assert conclusion is not None  # a report comes to one; a page of a study alone does not
    print(dataset.summary)
    for note in dataset.notes:
        print(f"  {note}")
    print(conclusion.headline)
    print(conclusion.why)
    print(f"Recipe: {conclusion.recipe}")
    print(f"The report: {path.resolve()}")
