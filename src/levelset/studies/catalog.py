"""The studies by name."""

from collections.abc import Mapping

from levelset.studies.activations import ActivationsStudy
from levelset.studies.study import Study
from levelset.studies.weight_penalty import WeightPenaltyStudy

STUDIES: Mapping[str, type[Study]] = {
    study.name: study for study in (ActivationsStudy, WeightPenaltyStudy)
}
"""Every study, in the order in which a report tells them."""
