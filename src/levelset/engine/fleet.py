"""Fleet: members trained together on one table, in the compiled core."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, overload

import numpy as np
from jaxtyping import Float, Int

from levelset.engine import core
from levelset.engine.checks import MOST_CLASSES, check_features, check_labels, check_weights
from levelset.engine.member import Member
from levelset.engine.network import Network
from levelset.engine.plan import compile_plan, layer_widths, parameter_count, split_parameters
from levelset.engine.recipe import Recipe
from levelset.engine.record import EPOCH_FIELDS, LAYER_FIELDS, STOP_REASONS, Progress, Record
from levelset.errors import FleetBusyError, RecipeError

_CORE_FLEETS = {"float32": core.FleetSingle, "float64": core.FleetDouble}


def available_threads() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Fleet:
    """Networks trained together: one thread takes one member at a time and trains it in its cache.

    A member's result depends on its recipe, its seed and its rows alone: it is the same, byte for
    byte, in any fleet, on any number of threads, and however `run` is cut into calls (on one
    instruction set).

    Args:
        members: What to train.
        x: Features, shape (n, d), finite; used without a copy if C-contiguous and of `dtype`.
        y: Class numbers 0 .. c-1, shape (n,).
        validation: Features and class numbers to validate on after each epoch; with them, a
            network's parameters are those of its best epoch.
        sample_weight: Weight of each row in the training loss, shape (n,), >= 0; None weighs all
            alike. Accuracies and validation losses count every row once.
        classes: c; by default one more than the largest class number given.
        dtype: "float32" to train, "float64" to check gradients.
        threads: By default the cores that the process may use.
        instruction_set: Force "avx512", "avx2" or "baseline"; by default the widest there is.

    Raises:
        DataError: If an array cannot be used.
        RecipeError: If the members cannot be trained on it.

    Example:
        >>> import numpy as np
        >>> from levelset.engine import Member, Recipe
        >>> x = np.random.default_rng(0).normal(size=(200, 2))
        >>> y = (x[:, 0] > 0).astype(int)
        >>> fleet = Fleet([Member(Recipe(epochs=30), seed=s) for s in range(4)], x, y)
        >>> fleet.run()
        >>> fleet.predict(x).shape
        (4, 200)
        >>> bool(fleet.record.training_accuracy[:, -1].min() > 0.9)
        True
    """

    def __init__(  # noqa: PLR0913 (the last six have defaults, and are given by name)
        self,
        members: Sequence[Member],
        x: object,
        y: object,
        *,
        validation: tuple[object, object] | None = None,
        sample_weight: object = None,
        classes: int | None = None,
        dtype: Literal["float32", "float64"] = "float32",
        threads: int | None = None,
        instruction_set: str | None = None,
    ) -> None:
        if dtype not in _CORE_FLEETS:
            raise RecipeError(f'`dtype` must be "float32" or "float64", got {dtype!r}.')
        self.members = tuple(members)
        self.dtype = np.dtype(dtype)
        _check_classes(classes)
        self.threads = _check_threads(threads)
        self.instruction_set = _check_instruction_set(instruction_set)
        features = check_features(x, self.dtype)
        labels = check_labels(y, len(features), classes)
        held_out = _check_validation(validation, self.dtype, features.shape[1], classes)
        self.features = features.shape[1]
        self.classes = classes or 1 + int(max(labels.max(), held_out[1].max(initial=0)))
        _check_members(self.members, len(features), has_validation=validation is not None)
        _check_initial(self.members, self.features, self.classes)
        if self.classes < 2:
            raise RecipeError("`y` must hold at least two classes, got only class 0.")
        self._arrays = _empty_record(self.members)
        self._labels = labels
        weights = None
        if sample_weight is not None:
            weights = check_weights(sample_weight, len(features), self.dtype)
        self._core = _CORE_FLEETS[dtype](
            self.instruction_set,
            features,
            labels,
            weights,
            *held_out,
            self.classes,
            [self._arrays[name] for name in EPOCH_FIELDS],
            [self._arrays[name] for name in LAYER_FIELDS],
        )
        self._lock = threading.Lock()
        self._add_members()

    def _add_members(self) -> None:
        plans = {}
        for member in self.members:
            recipe = member.recipe
            if recipe not in plans:
                plans[recipe] = compile_plan(recipe, self.features, self.classes)
            rows = member.row_numbers()
            self._core.add(
                plans[recipe],
                int(member.seed),
                rows,
                self._class_weights(recipe, rows),
                None if member.initial is None else member.initial.flat(self.dtype),
            )

    def _class_weights(self, recipe: Recipe, rows: np.ndarray | None) -> np.ndarray | None:
        """Give n / (c n_c) of the rows a member sees, (c,); 0 for a class it does not see."""
        if recipe.class_weight is None:
            return None
        seen = self._labels if rows is None else self._labels[rows]
        counts = np.bincount(seen, minlength=self.classes)
        return np.where(counts > 0, len(seen) / (self.classes * np.maximum(counts, 1)), 0.0)

    def __repr__(self) -> str:
        return (
            f"Fleet({len(self.members)} members, {self.features} features, {self.classes} "
            f"classes, {self.dtype}, {self.threads} threads, {self.instruction_set})"
        )

    def run(
        self, epochs: int | None = None, *, progress: Callable[[Progress], None] | None = None
    ) -> None:
        """Train every member that has not stopped.

        Ctrl-C, or an exception from `progress`, stops within a mini-batch: each member keeps its
        last whole epoch, the record stays usable, and `run` may be called again.

        Args:
            epochs: Most epochs in this call; None runs every recipe to its end.
            progress: Called about 20 times a second, and once at the end.

        Raises:
            RecipeError: If `epochs` is not a positive integer.
        """
        if epochs is not None and (not isinstance(epochs, int) or epochs < 1):
            raise RecipeError(f"`epochs` must be a positive integer or None, got {epochs!r}.")
        left = [
            member.recipe.epochs - int(done) if stop == 0 else 0
            for member, (done, _, stop) in zip(self.members, self._status(), strict=True)
        ]
        most = [min(count, epochs or count) for count in left]
        started = time.perf_counter()
        total, running = sum(most), sum(count > 0 for count in most)

        def watch(epochs_done: int, members_done: int) -> None:
            if progress is not None:
                seconds = time.perf_counter() - started
                progress(Progress(epochs_done, total, members_done, running, seconds))

        with self._alone():
            if running:
                self._core.run(max(most), self.threads, watch if progress else None)

    @property
    def record(self) -> Record:
        """What has happened so far; its arrays are read-only views that later runs fill on."""
        status = self._status()
        views = {name: array.view() for name, array in self._arrays.items()}
        for view in views.values():
            view.flags.writeable = False
        reasons = tuple(STOP_REASONS[code] for code in status[:, 2])
        diverged = np.array([reason == "diverged" for reason in reasons], dtype=bool)
        return Record(
            **views,
            epochs_run=status[:, 0].copy(),
            best_epoch=status[:, 1].copy(),
            diverged_epoch=np.where(diverged, status[:, 0] - 1, -1),
            stop_reason=reasons,
        )

    @property
    def networks(self) -> "Networks":
        """The members' networks as they are now, by number; each is copied out when asked for."""
        return Networks(self)

    def predict_proba(self, x: object) -> Float[np.ndarray, "m n c"]:
        """Give every member's class probabilities.

        Args:
            x: Features, shape (n, d).

        Returns:
            Probabilities, shape (m, n, c).

        Raises:
            DataError: If the shape is wrong or a value is not finite.
        """
        rows = check_features(x, self.dtype, columns=self.features)
        which = np.arange(len(self.members), dtype=np.int64)
        probabilities = np.empty((len(which), len(rows), self.classes), self.dtype)
        with self._alone():
            self._core.predict(which, rows, probabilities, self.threads)
        return probabilities

    def predict(self, x: object) -> Int[np.ndarray, "m n"]:
        """Give every member's class numbers, shape (m, n)."""
        return self.predict_proba(x).argmax(axis=-1)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep callbacks and other threads out while the core works on the members."""
        if not self._lock.acquire(blocking=False):
            raise FleetBusyError
        try:
            yield
        finally:
            self._lock.release()

    def _status(self) -> np.ndarray:
        status = np.empty((len(self.members), 3), np.int64)
        self._core.status(status)
        return status

    def _network(self, number: int) -> Network:
        recipe = self.members[number].recipe
        widths = layer_widths(recipe, self.features, self.classes)
        flat = np.empty(parameter_count(widths), self.dtype)
        with self._alone():
            self._core.parameters(number, flat)
        return Network(recipe, *split_parameters(flat, widths), self.instruction_set)


class Networks(Sequence[Network]):
    """A fleet's networks as a sequence."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def __len__(self) -> int:
        return len(self._fleet.members)

    @overload
    def __getitem__(self, index: int) -> Network: ...
    @overload
    def __getitem__(self, index: slice) -> list[Network]: ...
    def __getitem__(self, index: int | slice) -> Network | list[Network]:
        """Give one network, or a list of them for a slice."""
        numbers = range(len(self))[index]
        if isinstance(numbers, range):
            return [self._fleet._network(number) for number in numbers]
        return self._fleet._network(numbers)


def _empty_record(members: tuple[Member, ...]) -> dict[str, np.ndarray]:
    epochs = max(member.recipe.epochs for member in members)
    layers = max(len(member.recipe.hidden) for member in members) + 1
    shape = (len(members), epochs)
    arrays = {name: np.full(shape, np.nan, np.float32) for name in EPOCH_FIELDS}
    return arrays | {name: np.full((*shape, layers), np.nan, np.float32) for name in LAYER_FIELDS}


def _check_classes(classes: int | None) -> None:
    if classes is None:
        return
    if not isinstance(classes, int) or not 2 <= classes <= MOST_CLASSES:
        raise RecipeError(
            f"`classes` must be an integer in 2 .. {MOST_CLASSES} or None, got {classes!r}."
        )


def _check_threads(threads: int | None) -> int:
    if threads is None:
        return available_threads()
    if not isinstance(threads, int) or threads < 1:
        raise RecipeError(f"`threads` must be a positive integer or None, got {threads!r}.")
    return threads


def _check_instruction_set(name: str | None) -> str:
    known = core.instruction_sets()
    if name is None:
        return known[0]
    if name not in known:
        raise RecipeError(
            f"`instruction_set` must be one that this machine runs ({', '.join(known)}), "
            f"got {name!r}."
        )
    return name


def _check_validation(
    validation: tuple[object, object] | None, dtype: np.dtype, columns: int, classes: int | None
) -> tuple[np.ndarray, np.ndarray]:
    if validation is None:
        return np.empty((0, columns), dtype), np.empty(0, np.int32)
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise RecipeError(f"`validation` must be a pair (X, y), got {type(validation).__name__}.")
    features = check_features(validation[0], dtype, columns, name="validation X")
    return features, check_labels(validation[1], len(features), classes, name="validation y")


def _check_members(members: tuple[Member, ...], rows: int, *, has_validation: bool) -> None:
    if not members:
        raise RecipeError("`members` must hold at least one Member, got none.")
    for number, member in enumerate(members):
        if not isinstance(member, Member):
            raise RecipeError(f"members[{number}] must be a Member, got {type(member).__name__}.")
        if member.recipe.patience is not None and not has_validation:
            raise RecipeError(
                f"members[{number}] has `patience={member.recipe.patience}`, which needs "
                "validation rows; pass `validation=(X, y)` or `patience=None`."
            )
        if member.recipe.monitor != "loss" and not has_validation:
            raise RecipeError(
                f'members[{number}] has `monitor="{member.recipe.monitor}"`, which needs '
                'validation rows; pass `validation=(X, y)` or `monitor="loss"`.'
            )
        if member.counts is not None and len(member.counts) != rows:
            raise RecipeError(
                f"members[{number}] must have `counts` of shape (n,) = ({rows},), got "
                f"{len(member.counts)} of them."
            )
        if member.rows is not None:
            seen = np.asarray(member.rows)
            if seen.min() < 0 or seen.max() >= rows:
                raise RecipeError(
                    f"members[{number}] must have `rows` in 0 .. {rows - 1}, got values from "
                    f"{seen.min()} to {seen.max()}."
                )


def _check_initial(members: tuple[Member, ...], features: int, classes: int) -> None:
    for number, member in enumerate(members):
        if member.initial is None:
            continue
        wanted = layer_widths(member.recipe, features, classes)
        given = (member.initial.features, *(weight.shape[1] for weight in member.initial.weights))
        if given != wanted:
            raise RecipeError(
                f"members[{number}] must start from a network with layers of {wanted} units, the "
                f"inputs' first, got {given}."
            )
