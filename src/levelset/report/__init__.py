"""The report: charts, tables and findings drawn as one HTML page, the only home of plotting."""

from levelset.report.content import Baseline, Conclusion, Methods, ReportContent
from levelset.report.figures import draw
from levelset.report.page import page

__all__ = ["Baseline", "Conclusion", "Methods", "ReportContent", "draw", "page"]
