"""Past the point where a network fits everything: the double-descent study."""

from levelset.studies.questions.double_descent.study import DoubleDescentStudy

__all__ = ["DoubleDescentStudy"]
