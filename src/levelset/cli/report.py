"""`levelset report`."""

from levelset.cli.options import (
    Budget,
    FormatOption,
    Out,
    RecipeOptions,
    Seed,
    Source,
    Target,
    chosen_format,
    command_line,
)
from levelset.cli.pages import page_path, tables_path, write_report
from levelset.cli.prediction import announce
from levelset.cli.progress import progress_bars
from levelset.data import load
from levelset.engine import Recipe
from levelset.report import TEST_SHARE, ReportContent, ReportRequest, build_report
from levelset.studies import STUDIES, set_aside


def report(
    table: Source,
    /,
    *,
    target: Target = None,
    budget: Budget = "standard",
    seed: Seed = 0,
    out: Out = None,
    format: FormatOption = None,
    recipe: RecipeOptions = None,
) -> None:
    """Run the studies that fit a table and write one HTML page, the verdict first.

    The recipe's options are the base that the studies vary.
    """
    dataset = load(table, target)
    form = chosen_format(format, out)
    path = page_path(out, dataset.name, form=form)
    if form == "html":
        tables_path(path)  # refused now rather than after the work
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
    _announce(request)
    with progress_bars() as show:
        content = build_report(request, show)
    written = write_report(path, content, form)
    _print_conclusion(content)
    print(f"The report: {path.resolve()}")
    for folder in written[1:]:
        print(f"Its tables: {folder.resolve()}")


def _announce(request: ReportRequest) -> None:
    """Say how long it will train, as if no study changed the recipe of the next."""
    studies = [study(request.recipe) for study in STUDIES.values() if study.in_report]
    rows, _ = set_aside(request.dataset, TEST_SHARE, request.seed)
    announce(studies, request.dataset, rows, request.budget, request.seed)


def _print_conclusion(content: ReportContent) -> None:
    conclusion = content.conclusion
    assert conclusion is not None  # a report comes to one; a page of a study alone does not
    print(" ".join(content.summary))
    for note in content.notes:
        print(f"  {note}")
    print(conclusion.headline)
    print(conclusion.why)
    print(conclusion.sure)
    print(f"Recipe: {conclusion.recipe}")
    alike: dict[str, list[str]] = {}
    for name, reason in content.left_out:
        alike.setdefault(reason, []).append(name)
    for reason, names in alike.items():
        print(f"Left out: {', '.join(names)}. {reason[:1].upper()}{reason[1:]}")
