"""What does λ do? The weight-penalty study."""

from levelset.studies.questions.weight_penalty.study import WeightPenaltyStudy

__all__ = ["WeightPenaltyStudy"]
