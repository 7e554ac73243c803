"""The classifiers beside each other, and every finding in one table."""

from levelset.report.content import Baseline, ReportContent
from levelset.report.numbers import interval_texts, level_text, whole
from levelset.studies import Finding
from levelset.studies.charts import IntervalChart, Point, Table
from levelset.theory.statistics import Interval


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


def _rows_words(baseline: Baseline) -> int | str:
    if baseline.accuracy.n == baseline.log_loss.n:
        return baseline.accuracy.n
    return f"{whole(baseline.accuracy.n)} / {whole(baseline.log_loss.n)}"


def findings_table(content: ReportContent) -> Table:
    """List every finding of a report, one a row, its numbers as numbers.

    Args:
        content: Of the report.
    """
    return Table(
        title="Findings",
        caption="Every claim that was judged, with its verdict and its evidence.",
        columns=(
            *("study", "claim", "verdict", "subject", "effect"),
            *("estimate", "low", "high", "level", "n", "p_value", "note"),
        ),
        rows=tuple(
            (
                *(study.name, each.claim, each.verdict, each.subject, each.effect),
                *(each.interval.estimate, each.interval.low, each.interval.high),
                *(each.interval.level, each.interval.n, _p_value(each), each.note),
            )
            for study in content.studies
            for each in study.findings
        ),
    )


def _p_value(finding: Finding) -> float:
    """After the adjustment; NaN where nothing was tested."""
    return float("nan") if finding.p_value is None else finding.p_value


def _ends(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high
