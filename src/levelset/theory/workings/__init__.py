"""Calculations by hand, step by step: values in, a `Working` out, and a check of a reader's own.

    >>> from levelset.theory.workings import cross_entropy_working
    >>> working = cross_entropy_working([2.0, 1.0, 0.1], target=0)
    >>> float(working.step("loss").value.round(4))
    0.417

Every value comes from the functions of `levelset.theory`, so a working cannot disagree with them.
"""

from levelset.theory.workings.backpropagation import backpropagation_working
from levelset.theory.workings.binary import binary_cross_entropy_working
from levelset.theory.workings.cross_entropy import cross_entropy_working
from levelset.theory.workings.divergence import kl_working
from levelset.theory.workings.marking import Mark, Marking, mark_answers
from levelset.theory.workings.one_hot import one_hot_working
from levelset.theory.workings.small_network import SmallNetwork, small_network
from levelset.theory.workings.softmax import softmax_working
from levelset.theory.workings.working import Line, Step, Working

__all__ = [
    "Line",
    "Mark",
    "Marking",
    "SmallNetwork",
    "Step",
    "Working",
    "backpropagation_working",
    "binary_cross_entropy_working",
    "cross_entropy_working",
    "kl_working",
    "mark_answers",
    "one_hot_working",
    "small_network",
    "softmax_working",
]
