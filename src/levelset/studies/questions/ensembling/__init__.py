"""How many networks are enough? The ensembling study."""

from levelset.studies.questions.ensembling.study import EnsemblingStudy

__all__ = ["EnsemblingStudy"]
