"""The questions: a module each, or a package where there is more to tell."""

from levelset.studies.questions.activations import ActivationsStudy
from levelset.studies.questions.augmentation import AugmentationStudy
from levelset.studies.questions.bias_variance import BiasVarianceStudy
from levelset.studies.questions.cross_entropy import CrossEntropyStudy
from levelset.studies.questions.depth import DepthStudy
from levelset.studies.questions.double_descent import DoubleDescentStudy
from levelset.studies.questions.dropout import DropoutStudy
from levelset.studies.questions.early_stopping import EarlyStoppingStudy
from levelset.studies.questions.ensembling import EnsemblingStudy
from levelset.studies.questions.level_sets import LevelSetsStudy
from levelset.studies.questions.linearity import LinearityStudy
from levelset.studies.questions.multitask import MultitaskStudy
from levelset.studies.questions.noise import NoiseStudy
from levelset.studies.questions.regularizers import RegularizersStudy
from levelset.studies.questions.sharpness import SharpnessStudy
from levelset.studies.questions.softmax import SoftmaxStudy
from levelset.studies.questions.transfer import TransferStudy
from levelset.studies.questions.weight_penalty import WeightPenaltyStudy

__all__ = [
    "ActivationsStudy",
    "AugmentationStudy",
    "BiasVarianceStudy",
    "CrossEntropyStudy",
    "DepthStudy",
    "DoubleDescentStudy",
    "DropoutStudy",
    "EarlyStoppingStudy",
    "EnsemblingStudy",
    "LevelSetsStudy",
    "LinearityStudy",
    "MultitaskStudy",
    "NoiseStudy",
    "RegularizersStudy",
    "SharpnessStudy",
    "SoftmaxStudy",
    "TransferStudy",
    "WeightPenaltyStudy",
]
