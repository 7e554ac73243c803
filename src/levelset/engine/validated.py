"""Validated: frozen models that say all that is wrong with them in one paragraph."""

import difflib
import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from levelset.errors import RecipeError

# Tags of unions whose members are told apart by the value given (`one_or_each`), so that a fault is
# said of the form that was meant.
FORMS = ("one", "each")


def one_or_each(given: object) -> str:
    """Tell one value from a sequence of values, by the tag of its form."""
    return FORMS[isinstance(given, tuple | list)]


class Validated(BaseModel):
    """A frozen, hashable model; a wrong field is a RecipeError that names every fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    if not TYPE_CHECKING:  # editors and type checkers read a model's fields as its signature

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise RecipeError(_sentence(error, type(self))) from None


def _sentence(error: ValidationError, model: type[BaseModel]) -> str:
    """Say every fault of a model in one paragraph."""
    faults = []
    for fault in error.errors(include_url=False):
        name = ".".join(
            str(part)
            for part in fault["loc"]
            if part not in FORMS and not str(part).startswith("constrained")
        )
        if fault["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, model.model_fields, n=1)
            hint = (
                f"did you mean `{near[0]}`?"
                if near
                else f"fields: {', '.join(model.model_fields)}."
            )
            faults.append(f"`{name}` is not a field of a {model.__name__.lower()}; {hint}")
        elif fault["type"] == "missing":
            faults.append(f"`{name}` must be given.")
        elif fault["type"] == "value_error":
            said = str(fault.get("ctx", {}).get("error")).removesuffix(".")
            faults.append(f"`{name}`: {said}." if name else f"{said}.")
        else:
            must = re.sub("^(Input|String) should", "must", fault["msg"])
            faults.append(f"`{name}` {must}, got {fault['input']!r}.")
    return " ".join(faults)
