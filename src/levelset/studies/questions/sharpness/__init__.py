"""Are the minima of regularized networks wider, and is that worth anything? The sharpness study."""

from levelset.studies.questions.sharpness.study import SharpnessStudy

__all__ = ["SharpnessStudy"]
