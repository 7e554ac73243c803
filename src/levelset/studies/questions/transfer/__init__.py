"""Does a pretrained trunk help with few rows? The transfer study."""

from levelset.studies.questions.transfer.study import TransferStudy

__all__ = ["TransferStudy"]
