"""The faults that the doctor looks for: one module per family, one function per fault."""

from levelset.diagnostics.faults.case import Case
from levelset.diagnostics.faults.catalog import FAULTS
from levelset.diagnostics.faults.diagnosis import Diagnosis, Evidence, Remedy

__all__ = [
    "FAULTS",
    "Case",
    "Diagnosis",
    "Evidence",
    "Remedy",
]
