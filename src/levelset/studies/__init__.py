"""Studies: questions, what they need trained, and what they make of the results."""

from levelset.studies.activations import ActivationsStudy
from levelset.studies.augmentation import AugmentationStudy
from levelset.studies.bias_variance import BiasVarianceStudy
from levelset.studies.catalog import STUDIES
from levelset.studies.charts import (
    Chart,
    Cloud,
    Curve,
    CurveChart,
    IntervalChart,
    Panel,
    PlaneChart,
    PlaneSlider,
    PlaneSliderRow,
    Point,
    ScatterChart,
    SimplexChart,
    SimplexPanel,
    SurfaceChart,
    SurfacePanel,
    Table,
)
from levelset.studies.choosing import honest_choice, one_standard_error
from levelset.studies.convergence import (
    epochs_to_target,
    frequency_loss,
    own_targets,
    target_loss,
)
from levelset.studies.cost import operations, predicted_seconds
from levelset.studies.cross_entropy import CrossEntropyStudy
from levelset.studies.depth import DepthStudy
from levelset.studies.design import (
    BUDGETS,
    Arm,
    Budget,
    BudgetName,
    Design,
    Replicates,
    Rows,
    Trial,
    paired_design,
    paired_splits,
    replicates_of,
    set_aside,
)
from levelset.studies.double_descent import DoubleDescentStudy
from levelset.studies.dropout import DropoutStudy
from levelset.studies.early_stopping import EarlyStoppingStudy
from levelset.studies.ensembling import EnsemblingStudy
from levelset.studies.finding import Finding, StudyResult, Subject, Verdict
from levelset.studies.judgement import Comparison, judge
from levelset.studies.level_sets import LevelSetsStudy
from levelset.studies.linearity import LinearityStudy
from levelset.studies.multitask import MultitaskStudy
from levelset.studies.noise import NoiseStudy
from levelset.studies.regularizers import RegularizersStudy
from levelset.studies.results import Outcome, Results, measured_once
from levelset.studies.running import run_design, run_trials
from levelset.studies.sharpness import SharpnessStudy
from levelset.studies.softmax import SoftmaxStudy
from levelset.studies.study import Study, run_study
from levelset.studies.transfer import TransferStudy
from levelset.studies.weight_penalty import WeightPenaltyStudy

__all__ = [
    "BUDGETS",
    "STUDIES",
    "ActivationsStudy",
    "Arm",
    "AugmentationStudy",
    "BiasVarianceStudy",
    "Budget",
    "BudgetName",
    "Chart",
    "Cloud",
    "Comparison",
    "CrossEntropyStudy",
    "Curve",
    "CurveChart",
    "DepthStudy",
    "Design",
    "DoubleDescentStudy",
    "DropoutStudy",
    "EarlyStoppingStudy",
    "EnsemblingStudy",
    "Finding",
    "IntervalChart",
    "LevelSetsStudy",
    "LinearityStudy",
    "MultitaskStudy",
    "NoiseStudy",
    "Outcome",
    "Panel",
    "PlaneChart",
    "PlaneSlider",
    "PlaneSliderRow",
    "Point",
    "RegularizersStudy",
    "Replicates",
    "Results",
    "Rows",
    "ScatterChart",
    "SharpnessStudy",
    "SimplexChart",
    "SimplexPanel",
    "SoftmaxStudy",
    "Study",
    "StudyResult",
    "Subject",
    "SurfaceChart",
    "SurfacePanel",
    "Table",
    "TransferStudy",
    "Trial",
    "Verdict",
    "WeightPenaltyStudy",
    "epochs_to_target",
    "frequency_loss",
    "honest_choice",
    "judge",
    "measured_once",
    "one_standard_error",
    "operations",
    "own_targets",
    "paired_design",
    "paired_splits",
    "predicted_seconds",
    "replicates_of",
    "run_design",
    "run_study",
    "run_trials",
    "set_aside",
    "target_loss",
]
