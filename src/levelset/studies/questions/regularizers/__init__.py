"""Which remedy is worth it here? The regularizers study."""

from levelset.studies.questions.regularizers.study import RegularizersStudy

__all__ = ["RegularizersStudy"]
