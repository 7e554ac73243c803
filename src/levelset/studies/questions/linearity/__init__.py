"""What does non-linearity buy? The linearity study."""

from levelset.studies.questions.linearity.study import LinearityStudy

__all__ = ["LinearityStudy"]
