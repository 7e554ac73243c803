"""A report as Markdown, to be read where HTML is not: in a repository, a review, a terminal."""

import re
from collections.abc import Iterable

from levelset.report.content import Conclusion, ReportContent
from levelset.report.figures import cells_of, numbers_of
from levelset.report.numbers import duration, interval_text, level_text, whole
from levelset.report.overview import baseline_table
from levelset.studies.charts import Table
from levelset.studies.finding import Finding, StudyResult

# Brackets are signs in a link alone.
_SIGNS = re.compile(r"([\\`*_<>|~#$]|\](?=[(\[:]))")


def report_markdown(content: ReportContent) -> str:
    """Write a report as GitHub's Markdown; of a figure it holds the numbers.

    Args:
        content: Everything to be said; every text in it is escaped.

    Returns:
        The text; the same content gives the same text.
    """
    parts = [*_opening(content)]
    if content.conclusion:
        parts += _conclusion(content.conclusion)
    for study in content.studies:
        parts += _study(study)
    if content.left_out:
        parts += ["## Studies left out", _bullets(f"{n}: {why}" for n, why in content.left_out)]
    parts += _methods(content)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    r"""Write a text so that Markdown takes none of it for a sign, on one line.

    Example:
        >>> escaped("a|b *c*")
        'a\\|b \\*c\\*'
    """
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _opening(content: ReportContent) -> list[str]:
    summary = escaped(" ".join(content.summary))
    if content.conclusion is None:
        question = content.studies[0].question if content.studies else content.title
        return [f"# {escaped(question)}", summary]
    return [
        f"# {escaped(content.conclusion.headline)}",
        summary,
        escaped(content.conclusion.why),
        escaped(content.conclusion.sure),
    ]


def _conclusion(conclusion: Conclusion) -> list[str]:
    parts = ["## Is a network worth it here?"]
    if conclusion.baselines:
        parts += _table(baseline_table(conclusion.baselines))
    parts += ["## Which recipe", _code(conclusion.recipe)]
    if conclusion.choices:
        parts.append(_bullets(f"{name} chose {what}" for name, what in conclusion.choices))
    parts.append("## What mattered on rows that no network had learned from")
    for each in conclusion.effects:
        parts.append(_finding(each.finding, f" ({escaped(each.study)})"))
    parts.append(f"{conclusion.unshown} further claims on unseen rows are not shown either way.")
    return parts


def _study(study: StudyResult) -> list[str]:
    found = {finding.claim: finding for finding in study.findings}
    parts = [f"## {escaped(study.question)}", f"Study: {escaped(study.name)}"]
    for claim in dict.fromkeys([*study.claims, *found]):
        finding = found.get(claim)
        if finding is None:
            parts.append(f"**Not shown.** {escaped(claim)} This run has no evidence on it.")
        else:
            late = "" if claim in study.claims else " Not among the claims stated beforehand."
            parts.append(_finding(finding, late))
    for chart in study.charts:
        parts.append(f"**Figure: {escaped(chart.title)}.** {escaped(chart.caption)}")
        if (numbers := numbers_of(chart)) is not None:
            parts.append(_grid(numbers))
    for table in study.tables:
        parts += _table(table)
    parts.append(f"{escaped(study.methods)} It took {duration(study.wall_seconds)}.")
    parts.append(_code(study.command))
    return parts


def _methods(content: ReportContent) -> list[str]:
    methods = content.methods
    facts = [*methods.facts, ("Time taken", duration(methods.wall_seconds))]
    parts = [
        "## Methods and data",
        escaped(methods.paragraph),
        _bullets(f"{name}: {value}" for name, value in facts),
    ]
    if content.notes:
        parts += ["### What was handled in the data", _bullets(content.notes)]
    return [*parts, "### Reproduce this", _code(content.command)]


def _finding(finding: Finding, after: str) -> str:
    interval = finding.interval
    numbers = interval_text(interval.estimate, interval.low, interval.high)
    test = f"; {finding.test}" if finding.test else ""
    note = f" {escaped(finding.note)}" if finding.note else ""
    return (
        f"**{finding.verdict.capitalize()}.** {escaped(finding.claim)}{after}  \n"
        f"{escaped(finding.effect)}: {escaped(numbers)} "
        f"({level_text(interval)}, n = {whole(interval.n)}{test}).{note}"
    )


def _table(table: Table) -> list[str]:
    return [f"**{escaped(table.title)}.** {escaped(table.caption)}", _grid(table)]


def _grid(table: Table) -> str:
    columns = [cells_of([row[at] for row in table.rows]) for at in range(len(table.columns))]
    numeric = [bool(cells) and all(cell.numeric for cell in cells) for cells in columns]
    lines = [
        [escaped(name) for name in table.columns],
        ["---:" if right else "---" for right in numeric],
        *([escaped(cell.text) for cell in row] for row in zip(*columns, strict=True)),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(text)}" for text in texts)


def _code(text: str) -> str:
    """Fence a text with more backquotes than any run of them in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
