"""What does dropout do? The dropout study."""

from levelset.studies.questions.dropout.study import DropoutStudy

__all__ = ["DropoutStudy"]
