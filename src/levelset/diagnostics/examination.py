"""Examination: what the doctor has to say, as objects, as plain values and as a text."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from levelset.diagnostics.description import WIDTH, describe
from levelset.diagnostics.faults import Case, Diagnosis
from levelset.diagnostics.proof import Proof


@dataclass(frozen=True, eq=False)
class Examination:
    """What the doctor has to say.

    Attributes:
        case: What was looked at.
        diagnoses: Faults found, the largest expected gain first.
        proofs: What became of each remedy that was tried; none unless asked for.
        notes: What could not be looked at, and why.

    Example:
        >>> from levelset.data import load
        >>> from levelset.diagnostics import examine
        >>> from levelset.engine import Recipe
        >>> print(examine(load("iris"), Recipe(epochs=60)).text().splitlines()[-1])
        No fault found, of the 16 that the doctor looks for.
    """

    case: Case
    diagnoses: tuple[Diagnosis, ...]
    proofs: tuple[Proof, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        found = ", ".join(f"{one.fault} ({one.confidence})" for one in self.diagnoses) or "no fault"
        return f"Examination({found}; {len(self.proofs)} proofs)"

    def text(self, width: int = WIDTH) -> str:
        """Write everything down for people; printing an examination does the same.

        Args:
            width: Columns of a line.
        """
        return describe(self.case, self.diagnoses, self.proofs, self.notes, width)

    def as_mapping(self) -> dict[str, Any]:
        """Give everything in plain values, fit for JSON; what is not finite is None."""
        case = self.case
        summary = {
            "recipe": case.recipe.changes(),
            "members": len(case.networks),
            "training_rows": len(case.y),
            "validation_rows": len(case.y_validation),
            "training_loss": case.training_loss,
            "validation_loss": case.validation_loss,
            "prior_loss": case.prior_loss,
            "reference_loss": case.reference_loss,
            "reference": case.reference.name,
        }
        return _plain(
            {
                "case": summary,
                "diagnoses": [asdict(found) for found in self.diagnoses],
                "proofs": [asdict(proof) for proof in self.proofs],
                "notes": self.notes,
            }
        )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
