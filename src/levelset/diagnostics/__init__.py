"""Diagnostics: measures of trained and training networks, and the doctor who reads them."""

from levelset.diagnostics.bias_variance import (
    BiasVariance,
    TwoWayDesign,
    bias_variance,
    two_way_design,
)
from levelset.diagnostics.boundary_distance import (
    BoundaryDistances,
    boundary_distances,
)
from levelset.diagnostics.calibration import (
    Calibration,
    Predicted,
    TemperatureGain,
    measure_calibration,
    temperature_gain,
)
from levelset.diagnostics.curvature import (
    Curvature,
    Sharpness,
    TopEigenvalues,
    TraceEstimate,
    curvature_of,
    estimate_trace,
    full_spectrum,
    sharpness,
    top_eigenvalues,
)
from levelset.diagnostics.doctor import diagnose, examine, examine_case
from levelset.diagnostics.examination import Examination
from levelset.diagnostics.flow import Flow, gradient_flow, steepest_slope
from levelset.diagnostics.landscape import (
    Interpolation,
    LossSlice,
    LossSurface,
    interpolate,
    loss_slice,
    loss_surface,
    random_direction,
)
from levelset.diagnostics.level_sets import (
    Curve,
    LevelSet,
    Smoothness,
    decision_curves,
    probability_curves,
)
from levelset.diagnostics.losses import class_balanced_mean, row_losses
from levelset.diagnostics.network import (
    NetworkTheory,
    forward_of,
    probabilities_of,
    theory_of,
)
from levelset.diagnostics.planes import (
    Plane,
    discriminant_plane,
    feature_plane,
    principal_plane,
)
from levelset.diagnostics.rescaling import (
    Rescaling,
    rescaled,
    rescaling_effect,
)
from levelset.diagnostics.units import (
    UnitHistory,
    dead_units,
    effective_rank,
    effective_ranks,
    saturated_shares,
    unit_outputs,
    watch_units,
)

__all__ = [
    "BiasVariance",
    "BoundaryDistances",
    "Calibration",
    "Curvature",
    "Curve",
    "Examination",
    "Flow",
    "Interpolation",
    "LevelSet",
    "LossSlice",
    "LossSurface",
    "NetworkTheory",
    "Plane",
    "Predicted",
    "Rescaling",
    "Sharpness",
    "Smoothness",
    "TemperatureGain",
    "TopEigenvalues",
    "TraceEstimate",
    "TwoWayDesign",
    "UnitHistory",
    "bias_variance",
    "boundary_distances",
    "class_balanced_mean",
    "curvature_of",
    "dead_units",
    "decision_curves",
    "diagnose",
    "discriminant_plane",
    "effective_rank",
    "effective_ranks",
    "estimate_trace",
    "examine",
    "examine_case",
    "feature_plane",
    "forward_of",
    "full_spectrum",
    "gradient_flow",
    "interpolate",
    "loss_slice",
    "loss_surface",
    "measure_calibration",
    "principal_plane",
    "probabilities_of",
    "probability_curves",
    "random_direction",
    "rescaled",
    "rescaling_effect",
    "row_losses",
    "saturated_shares",
    "sharpness",
    "steepest_slope",
    "temperature_gain",
    "theory_of",
    "top_eigenvalues",
    "two_way_design",
    "unit_outputs",
    "watch_units",
]
