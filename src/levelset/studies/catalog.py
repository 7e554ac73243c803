"""The studies by name."""

from collections.abc import Mapping

from levelset.studies.activations import ActivationsStudy
from levelset.studies.augmentation import AugmentationStudy
from levelset.studies.bias_variance import BiasVarianceStudy
from levelset.studies.cross_entropy import CrossEntropyStudy
from levelset.studies.depth import DepthStudy
from levelset.studies.double_descent import DoubleDescentStudy
from levelset.studies.dropout import DropoutStudy
from levelset.studies.early_stopping import EarlyStoppingStudy
from levelset.studies.ensembling import EnsemblingStudy
from levelset.studies.level_sets import LevelSetsStudy
from levelset.studies.linearity import LinearityStudy
from levelset.studies.multitask import MultitaskStudy
from levelset.studies.noise import NoiseStudy
from levelset.studies.regularizers import RegularizersStudy
from levelset.studies.sharpness import SharpnessStudy
from levelset.studies.softmax import SoftmaxStudy
from levelset.studies.study import Study
from levelset.studies.transfer import TransferStudy
from levelset.studies.weight_penalty import WeightPenaltyStudy

STUDIES: Mapping[str, type[Study]] = {
    study.name: study
    for study in (
        ActivationsStudy,
        DepthStudy,
        LinearityStudy,
        WeightPenaltyStudy,
        DropoutStudy,
        NoiseStudy,
        EarlyStoppingStudy,
        EnsemblingStudy,
        AugmentationStudy,
        TransferStudy,
        MultitaskStudy,
        RegularizersStudy,
        BiasVarianceStudy,
        DoubleDescentStudy,
        SharpnessStudy,
        LevelSetsStudy,
        SoftmaxStudy,
        CrossEntropyStudy,
    )
}
"""Every study, in the order in which a report tells them."""
