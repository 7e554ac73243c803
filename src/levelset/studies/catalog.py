"""The studies by name."""

from collections.abc import Mapping

from levelset.studies.questions import (
    ActivationsStudy,
    AugmentationStudy,
    BiasVarianceStudy,
    CrossEntropyStudy,
    DepthStudy,
    DoubleDescentStudy,
    DropoutStudy,
    EarlyStoppingStudy,
    EnsemblingStudy,
    LevelSetsStudy,
    LinearityStudy,
    MultitaskStudy,
    NoiseStudy,
    RegularizersStudy,
    SharpnessStudy,
    SoftmaxStudy,
    TransferStudy,
    WeightPenaltyStudy,
)
from levelset.studies.study import Study

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
