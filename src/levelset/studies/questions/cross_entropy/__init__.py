"""Every number from logits to gradient: the cross-entropy study."""

from levelset.studies.questions.cross_entropy.study import CrossEntropyStudy

__all__ = ["CrossEntropyStudy"]
