"""The report: charts, tables and findings drawn as one HTML page, the only home of plotting."""

from levelset.report.baselines import Contest, run_contest
from levelset.report.builder import TEST_SHARE, ReportRequest, build_report, study_content
from levelset.report.content import Baseline, Conclusion, Effect, Methods, ReportContent
from levelset.report.exports import report_json, report_tables
from levelset.report.figures import draw
from levelset.report.markdown import report_markdown
from levelset.report.numbers import interval_text, level_text
from levelset.report.page import page

__all__ = [
    "TEST_SHARE",
    "Baseline",
    "Conclusion",
    "Contest",
    "Effect",
    "Methods",
    "ReportContent",
    "ReportRequest",
    "build_report",
    "draw",
    "interval_text",
    "level_text",
    "page",
    "report_json",
    "report_markdown",
    "report_tables",
    "run_contest",
    "study_content",
]
