"""What does noise in training do? The noise study."""

from levelset.studies.questions.noise.study import NoiseStudy

__all__ = ["NoiseStudy"]
