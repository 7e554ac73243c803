"""What would each patience have cost and gained? The early-stopping study."""

from levelset.studies.questions.early_stopping.study import EarlyStoppingStudy

__all__ = ["EarlyStoppingStudy"]
