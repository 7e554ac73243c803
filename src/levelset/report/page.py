"""The whole report as one HTML file that needs nothing else, now or in ten years."""

from dataclasses import dataclass

from levelset.report.content import ReportContent
from levelset.report.figures import Style, draw, page_styles, stylesheet
from levelset.report.markup import render
from levelset.report.notes import told_once
from levelset.report.numbers import interval_text
from levelset.report.overview import baseline_charts, baseline_table
from levelset.studies.finding import Finding, StudyResult, p_text


@dataclass(frozen=True)
class Claim:
    """One claim as the page shows it.

    Attributes:
        text: The sentence.
        verdict: "supported", "refuted" or "not shown".
        finding: The evidence; None if the study came to none.
        evidence: The number and its interval in words.
        stated: Whether the claim was stated before the data was seen.
        p_value: "p = 0.03"; empty for none.
        note: What else is to be said; may be empty.
    """

    text: str
    verdict: str
    finding: Finding | None
    evidence: str
    stated: bool
    p_value: str = ""
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A study as the page shows it.

    Attributes:
        study: What it found.
        claims: Those stated, in order, and then any others.
        shared: A note on all the claims; may be empty.
        first: HTML of the first figure; "" for none.
        others: HTML of the other figures, then of the tables.
        inside: What can be unfolded below the first figure, in words.
    """

    study: StudyResult
    claims: tuple[Claim, ...]
    shared: str
    first: str
    others: tuple[str, ...]
    inside: str

    def count(self, verdict: str) -> int:
        """Count the claims with a verdict."""
        return sum(claim.verdict == verdict for claim in self.claims)


def page(content: ReportContent) -> str:
    """Write the report as one self-contained HTML page.

    Figures are pictures inside it, legible without scripts, in print and in both color schemes.

    Args:
        content: Everything the page says; every text in it is escaped.

    Returns:
        The page; write it to a file as UTF-8. The same content gives the same page.
    """
    conclusion = content.conclusion
    baselines = conclusion.baselines if conclusion else ()
    overview = baseline_charts(baselines)
    charts = [*overview, *(chart for study in content.studies for chart in study.charts)]
    styles = page_styles(charts)
    return render(
        "page.html.j2",
        {
            "content": content,
            "baselines": draw(baseline_table(baselines)) if baselines else "",
            "overview": [draw(chart, styles) for chart in overview],
            "effects": [
                (each.study, _claim(each.finding.claim, each.finding, stated=True))
                for each in (conclusion.effects if conclusion else ())
            ],
            "numbers": {study.name: at for at, study in enumerate(content.studies, start=1)},
            "sections": [section(study, styles) for study in content.studies],
            "variables": stylesheet(),
        },
    )


def section(study: StudyResult, styles: dict[str, Style]) -> Section:
    """Prepare one study for the page.

    A claim without a finding is "not shown"; a finding whose claim was not stated comes last and is
    marked as such.

    Args:
        study: What the study found.
        styles: How each color key looks.
    """
    findings = {finding.claim: finding for finding in study.findings}
    texts = list(dict.fromkeys([*study.claims, *findings]))
    told = told_once([findings.get(text) for text in texts])
    figures = [draw(chart, styles) for chart in (*study.charts, *study.tables)]
    opened = min(len(study.charts), 1)
    return Section(
        study=study,
        claims=tuple(
            _claim(text, findings.get(text), text in study.claims, note)
            for text, note in zip(texts, told.texts, strict=True)
        ),
        shared=told.shared,
        first="".join(figures[:opened]),
        others=tuple(figures[opened:]),
        inside=_inside(len(study.charts), len(study.tables)),
    )


def _inside(charts: int, tables: int) -> str:
    """Say in words what is folded away: all but the first figure.

    Example:
        >>> _inside(5, 1)
        '4 more figures, 1 table, how it was done, the command'
    """
    parts = [_counted(max(charts - 1, 0), "more figure"), _counted(tables, "table")]
    text = ", ".join([*filter(None, parts), "how it was done", "the command"])
    return text[0].upper() + text[1:]


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}" if count else ""


def _claim(text: str, finding: Finding | None, stated: bool, note: str = "") -> Claim:
    if finding is None:
        return Claim(text, "not shown", None, "", stated)
    ends = (finding.interval.estimate, finding.interval.low, finding.interval.high)
    p_value = "" if finding.p_value is None else p_text(finding.p_value)
    return Claim(text, finding.verdict, finding, interval_text(*ends), stated, p_value, note)
