"""Under- or overfitting? The bias-variance study."""

from levelset.studies.questions.bias_variance.study import BiasVarianceStudy

__all__ = ["BiasVarianceStudy"]
