"""Checkpoints: what a fleet knows beside its members and its data, as plain arrays by name.

    layout                          version of this list
    dtype, members, data            which fleet it is of (see `identity`)
    holds (m, 5)                    1 where a member has the k-th of the five flat arrays, else 0
    counters (m, 5), losses (m, 2)  the rest of each member, as the core has it
    parameters, first_moments, second_moments, averages, best_parameters
                                    flat arrays of the members that have them, end to end
    training_loss, ...              the arrays of the record
    digest (32)                     of all of the above, in this order

Everything is checked before anything is restored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from levelset.engine import core
from levelset.engine.identity import check_identity, digest
from levelset.errors import DataError

LAYOUT = np.array(1)
FLAT_ARRAYS = ("parameters", "first_moments", "second_moments", "averages", "best_parameters")

COUNTED = {"holds": (5, np.int64), "counters": (5, np.int64), "losses": (2, np.float64)}


@dataclass(frozen=True, eq=False)
class Saved:
    """The parts of a fleet that a checkpoint is of.

    Attributes:
        core: Its members in the compiled core.
        sizes: How many numbers a flat array of each member has, (m,).
        dtype: Of the flat arrays.
        record: The arrays of its record, by name.
        identity: What tells it from other fleets, by name.
    """

    core: "core._Fleet"
    sizes: np.ndarray
    dtype: np.dtype
    record: Mapping[str, np.ndarray]
    identity: Mapping[str, np.ndarray]

    def take(self) -> dict[str, np.ndarray]:
        """Copy the fleet's state out, by name."""
        state = {name: array.copy() for name, array in self._fixed().items()}
        for name, (columns, dtype) in COUNTED.items():
            state[name] = np.empty((len(self.sizes), columns), dtype)
        self.core.holds(state["holds"])
        self.core.counters(state["counters"], state["losses"])
        for which, name in enumerate(FLAT_ARRAYS):
            held = np.flatnonzero(state["holds"][:, which])
            state[name] = np.empty(self.sizes[held].sum(), self.dtype)
            for member, part in zip(held, self._parts(state[name], held), strict=True):
                self.core.read(int(member), which, part)
        state |= {name: array.copy() for name, array in self.record.items()}
        return state | {"digest": _digest_of(state)}

    def put(self, state: Mapping[str, np.ndarray]) -> None:
        """Bring the fleet to a state; to none if it is refused.

        Raises:
            DataError: If it is no state, or one of other data.
            RecipeError: If it is a state of other members or another dtype.
        """
        arrays = self._checked(state)
        flat: list[list[np.ndarray | None]] = [[None] * 5 for _ in self.sizes]
        for which, name in enumerate(FLAT_ARRAYS):
            held = np.flatnonzero(arrays["holds"][:, which])
            for member, part in zip(held, self._parts(arrays[name], held), strict=True):
                flat[member][which] = part
        for member, parts in enumerate(flat):
            self.core.write(member, arrays["counters"][member], arrays["losses"][member], parts)
        for name, array in self.record.items():
            array[...] = arrays[name]

    def _parts(self, flat: np.ndarray, held: np.ndarray) -> list[np.ndarray]:
        """Cut a flat array into those of the members that hold one."""
        return np.split(flat, np.cumsum(self.sizes[held]))[: len(held)]

    def _fixed(self) -> dict[str, np.ndarray]:
        return {"layout": LAYOUT, **self.identity}

    def _checked(self, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Give the arrays of a state that is one of this fleet."""
        given = _read(state, (*self._fixed(), *COUNTED, *FLAT_ARRAYS, *self.record, "digest"))
        if str(given["layout"]) != str(LAYOUT):
            raise DataError(
                f"`state` must be of layout {LAYOUT}, that of this version of levelset, got "
                f"{given['layout']}; restore it with the version that saved it."
            )
        check_identity(given, self.identity)
        for name, (columns, dtype) in COUNTED.items():
            _check_array(given[name], name, (len(self.sizes), columns), np.dtype(dtype))
        for which, name in enumerate(FLAT_ARRAYS):
            size = int(self.sizes[given["holds"][:, which] != 0].sum())
            _check_array(given[name], name, (size,), self.dtype)
        for name, array in self.record.items():
            _check_array(given[name], name, array.shape, array.dtype)
        seal = given.pop("digest")
        if not np.array_equal(seal, _digest_of(given | self._fixed())):
            raise DataError(
                "`state` must be unchanged since `state()` gave it, but its digest is another; "
                "save it again."
            )
        return given


def _read(state: Mapping[str, np.ndarray], names: Sequence[str]) -> dict[str, np.ndarray]:
    if not isinstance(state, Mapping):
        raise DataError(
            "`state` must be a mapping from names to arrays, as `state()` gives it, got "
            f"{type(state).__name__}."
        )
    lacking = [name for name in names if name not in state]
    if lacking:
        raise DataError(
            f"`state` must hold every array that `state()` gives, got no {', '.join(lacking)}."
        )
    return {name: np.asarray(state[name], order="C") for name in names}


def _check_array(array: np.ndarray, name: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise DataError(
            f'`state["{name}"]` must be {dtype} of shape {shape}, got {array.dtype} of shape '
            f"{array.shape}."
        )


def _digest_of(state: Mapping[str, np.ndarray]) -> np.ndarray:
    return digest(*(part for item in state.items() for part in item))
