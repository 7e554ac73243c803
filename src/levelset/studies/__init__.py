"""Studies: questions, what they need trained, and what they make of the results."""

from levelset.studies.activations import ActivationsStudy
from levelset.studies.catalog import STUDIES
from levelset.studies.charts import (
    Chart,
    Curve,
    CurveChart,
    IntervalChart,
    Panel,
    PlaneChart,
    Point,
    Table,
)
from levelset.studies.finding import Finding, StudyResult, Verdict
from levelset.studies.judgement import Comparison, judge
from levelset.studies.study import (
    BUDGETS,
    Arm,
    Budget,
    BudgetName,
    Design,
    Results,
    Study,
    cross_entropy,
    paired_splits,
    progress_of_part,
    run_design,
    run_study,
    set_aside,
)
from levelset.studies.weight_penalty import WeightPenaltyStudy

__all__ = [
    "BUDGETS",
    "STUDIES",
    "ActivationsStudy",
    "Arm",
    "Budget",
    "BudgetName",
    "Chart",
    "Comparison",
    "Curve",
    "CurveChart",
    "Design",
    "Finding",
    "IntervalChart",
    "Panel",
    "PlaneChart",
    "Point",
    "Results",
    "Study",
    "StudyResult",
    "Table",
    "Verdict",
    "WeightPenaltyStudy",
    "cross_entropy",
    "judge",
    "paired_splits",
    "progress_of_part",
    "run_design",
    "run_study",
    "set_aside",
]
