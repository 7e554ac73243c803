"""`levelset study`."""

import difflib

from levelset.cli.options import (
    Budget,
    FormatOption,
    Out,
    RecipeOptions,
    Seed,
    Source,
    StudyName,
    Target,
    TestShare,
    chosen_format,
    command_line,
)
from levelset.cli.pages import page_path, tables_path, write_report
from levelset.cli.prediction import announce
from levelset.cli.progress import progress_bars
from levelset.data import load
from levelset.errors import RecipeError
from levelset.report import interval_text, level_text, study_content
from levelset.studies import STUDIES, StudyResult, run_study, set_aside


def study(  # noqa: PLR0913 (a command has as many arguments as options)
    name: StudyName,
    table: Source,
    /,
    *,
    target: Target = None,
    budget: Budget = "standard",
    seed: Seed = 0,
    test_share: TestShare = 0.0,
    out: Out = None,
    format: FormatOption = None,
    recipe: RecipeOptions = None,
) -> None:
    """Ask one question of a table: print its findings and write them as an HTML page.

    The recipe's options are the base that the study varies.
    """
    if name not in STUDIES:
        near = difflib.get_close_matches(name, STUDIES, n=1)
        hint = f"did you mean {near[0]}?" if near else "choose one of them."
        raise RecipeError(f"The study must be one of {', '.join(STUDIES)}, got {name}; {hint}")
    dataset = load(table, target)
    form = chosen_format(format, out)
    path = page_path(out, dataset.name, name, form=form)
    if form == "html":
        tables_path(path)  # refused now rather than after the work
    line = command_line(
        "study",
        name,
        table,
        target=target,
        budget=budget,
        seed=seed,
        test_share=test_share,
        recipe=recipe,
    )
    asked, rows = STUDIES[name](recipe), set_aside(dataset, test_share, seed)[0]
    announce([asked], dataset, rows, budget, seed)
    with progress_bars() as show:
        result, choice = run_study(
            asked,
            dataset,
            rows=rows,
            budget=budget,
            seed=seed,
            command=line,
            progress=lambda progress: show(name, progress),
        )
    content = study_content(dataset, result, seed, budget, test_share)
    written = write_report(path, content, form)
    print(dataset.summary)
    for note in dataset.notes:
        print(f"  {note}")
    _print_findings(result)
    if choice:
        print(f"Choice: {', '.join(f'{field} = {value}' for field, value in choice.items())}")
    print(f"The page: {path.resolve()}")
    for folder in written[1:]:
        print(f"Its tables: {folder.resolve()}")


def _print_findings(result: StudyResult) -> None:
    print(result.question)
    for finding in result.findings:
        interval = finding.interval
        print(f"\n  {finding.verdict.upper()}: {finding.claim}")
        print(
            f"    {finding.effect}: "
            f"{interval_text(interval.estimate, interval.low, interval.high)} "
            f"({level_text(interval)}, n = {interval.n}"
            f"{'; ' if finding.test else ''}{finding.test})"
        )
        if finding.note:
            print(f"    {finding.note}")
    print()
