"""Where does the gradient go? The depth study."""

from levelset.studies.questions.depth.study import DepthStudy

__all__ = ["DepthStudy"]
