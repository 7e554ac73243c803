"""Do related targets help each other? The multitask study."""

from levelset.studies.questions.multitask.study import MultitaskStudy

__all__ = ["MultitaskStudy"]
