"""The whole report as one HTML file that needs nothing else, now or in ten years."""

from dataclasses import dataclass

from levelset.report.content import Baseline, ReportContent
from levelset.report.figures import draw, page_styles
from levelset.report.markup import render
from levelset.report.numbers import interval_text, interval_texts, level_text, whole
from levelset.report.palette import Style, stylesheet
from levelset.studies.charts import IntervalChart, Point, Table
from levelset.studies.finding import Finding, StudyResult
from levelset.theory.statistics import Interval


@dataclass(frozen=True)
class Claim:
    """One claim as the page shows it.

    Attributes:
        text: The sentence.
        verdict: "supported", "refuted" or "not shown".
        finding: The evidence; None if the study came to none.
        evidence: The number and its interval in words.
        stated: Whether the claim was stated before the data was seen.
    """

    text: str
    verdict: str
    finding: Finding | None
    evidence: str
    stated: bool


@dataclass(frozen=True)
class Section:
    """A study as the page shows it; figures and tables are HTML."""

    study: StudyResult
    claims: tuple[Claim, ...]
    figures: tuple[str, ...]

    def count(self, verdict: str) -> int:
        """Count the claims with a verdict."""
        return sum(claim.verdict == verdict for claim in self.claims)


def page(content: ReportContent) -> str:
    """Write the report as one self-contained HTML page, about 5 MB, most of it plotly's script.

    Args:
        content: Everything the page says; every text in it is escaped.

    Returns:
        The page; write it to a file as UTF-8. The same content gives the same page.
    """
    # Importing plotly takes 60 ms, which only a whole page should pay.
    from plotly.offline import get_plotlyjs

    baselines = content.conclusion.baselines if content.conclusion else ()
    overview = baseline_charts(baselines)
    charts = [*overview, *(chart for study in content.studies for chart in study.charts)]
    styles = page_styles(charts)
    return render(
        "page.html.j2",
        {
            "content": content,
            "baselines": draw(baseline_table(baselines)) if baselines else "",
            "overview": [draw(chart, styles) for chart in overview],
            "sections": [section(study, styles) for study in content.studies],
            "variables": stylesheet(),
            "plotly": get_plotlyjs(),
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
    texts = dict.fromkeys([*study.claims, *findings])
    return Section(
        study=study,
        claims=tuple(_claim(text, findings.get(text), text in study.claims) for text in texts),
        figures=tuple(draw(chart, styles) for chart in (*study.charts, *study.tables)),
    )


def baseline_table(baselines: tuple[Baseline, ...]) -> Table:
    """List how well each kind of classifier did.

    Args:
        baselines: One or more.
    """
    columns = (
        [baseline.name for baseline in baselines],
        interval_texts([_ends(baseline.accuracy) for baseline in baselines]),
        interval_texts([_ends(baseline.log_loss) for baseline in baselines]),
        [_rows_words(baseline) for baseline in baselines],
    )
    level = level_text(baselines[0].accuracy) if baselines else "interval"
    return Table(
        title="Beside simpler classifiers",
        caption=f"Estimate and {level} on held-out rows: a higher accuracy and a lower log loss "
        "are better.",
        columns=("Classifier", "Accuracy", "Log loss (nats)", "n"),
        rows=tuple(zip(*columns, strict=True)),
    )


def baseline_charts(baselines: tuple[Baseline, ...]) -> tuple[IntervalChart, ...]:
    """Draw accuracy and log loss of each kind of classifier, one chart each.

    Args:
        baselines: One or more; none give no chart.
    """
    if not baselines:
        return ()
    measures = (
        ("Accuracy", "Accuracy (share of rows correct)", "higher", "accuracy"),
        ("Log loss", "Log loss (nats)", "lower", "log_loss"),
    )
    charts = []
    for title, x_label, better, field in measures:
        points = []
        for baseline in baselines:
            interval: Interval = getattr(baseline, field)
            points.append(Point(baseline.name, *_ends(interval), baseline.color_key))
        first: Interval = getattr(baselines[0], field)
        caption = f"Bars are {level_text(first)}s (n = {whole(first.n)}); {better} is better."
        charts.append(IntervalChart(f"{title} on held-out rows", caption, x_label, tuple(points)))
    return tuple(charts)


def _claim(text: str, finding: Finding | None, stated: bool) -> Claim:
    if finding is None:
        return Claim(text, "not shown", None, "", stated)
    return Claim(text, finding.verdict, finding, interval_text(*_ends(finding.interval)), stated)


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _rows_words(baseline: Baseline) -> int | str:
    if baseline.accuracy.n == baseline.log_loss.n:
        return baseline.accuracy.n
    return f"{whole(baseline.accuracy.n)} / {whole(baseline.log_loss.n)}"
