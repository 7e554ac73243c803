"""Figures: a chart of a study as SVG, a table as HTML, the colors of both."""

from levelset.report.figures.fragments import cells_of, draw, numbers_of, page_styles
from levelset.report.figures.marks import thinned
from levelset.report.figures.palette import Style, stylesheet

__all__ = [
    "Style",
    "cells_of",
    "draw",
    "numbers_of",
    "page_styles",
    "stylesheet",
    "thinned",
]
