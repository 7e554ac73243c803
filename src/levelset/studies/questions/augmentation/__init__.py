"""Do changed copies of the rows help? The augmentation study."""

from levelset.studies.questions.augmentation.study import AugmentationStudy

__all__ = ["AugmentationStudy"]
