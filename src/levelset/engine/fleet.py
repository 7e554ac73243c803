"""Fleet: members trained together on one table, in the compiled core."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Literal, overload

import numpy as np
from jaxtyping import Float, Int

from levelset.engine import core
from levelset.engine.checkpoint import Saved
from levelset.engine.checks import check_features
from levelset.engine.heads import as_heads
from levelset.engine.identity import identify
from levelset.engine.machine import check_instruction_set, check_threads
from levelset.engine.member import Member
from levelset.engine.membership import check_fit, check_initial, check_members
from levelset.engine.network import Network
from levelset.engine.plan import compile_plan, layer_widths, parameter_count, split_parameters
from levelset.engine.predictions import by_target, class_probabilities, count_classes
from levelset.engine.recipe import NormalizationName, Recipe
from levelset.engine.record import (
    EPOCH_FIELDS,
    HEAD_FIELDS,
    LAYER_FIELDS,
    STOP_REASONS,
    Progress,
    Record,
    empty_arrays,
)
from levelset.engine.table import read_table
from levelset.errors import FleetBusyError, RecipeError

_CORE_FLEETS = {"float32": core.FleetSingle, "float64": core.FleetDouble}


class Fleet:
    """Networks trained together: one thread takes one member at a time and trains it in its cache.

    A member's result depends on its recipe, its seed and its rows alone: it is the same, byte for
    byte, in any fleet, on any number of threads, and however `run` is cut into calls (on one
    instruction set).

    Args:
        members: What to train.
        x: Features, shape (n, d), finite; used without a copy if C-contiguous and of `dtype`.
        y: What to learn: the target "y" as one array, or a mapping from names of targets to arrays
            for recipes that name them. A softmax head needs class numbers 0 .. c-1, shape (n,); a
            sigmoid head 0 or 1, and a squared_error head finite numbers, shape (n,) or (n, k).
            In a mapping NaN is a target that is missing, in all columns of its row.
        validation: Features and targets, as `y`, to validate on after each epoch; with them, a
            network's parameters are those of its best epoch.
        sample_weight: Weight of each row in the training loss, shape (n,), >= 0; None weighs all
            alike. Accuracies and validation losses count every row once.
        classes: c of softmax heads, by target if there are several; by default one more than the
            largest class number given.
        dtype: "float32" to train, "float64" to check gradients.
        threads: By default the cores that the process may use.
        instruction_set: Force "avx512", "avx2" or "baseline"; by default the widest there is.

    Attributes:
        table: The rows it learns from and validates on, checked; not to be changed.

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
        classes: int | Mapping[str, int] | None = None,
        dtype: Literal["float32", "float64"] = "float32",
        threads: int | None = None,
        instruction_set: str | None = None,
    ) -> None:
        if dtype not in _CORE_FLEETS:
            raise RecipeError(f'`dtype` must be "float32" or "float64", got {dtype!r}.')
        self.members = tuple(members)
        check_members(self.members)
        self.dtype = np.dtype(dtype)
        self.threads = check_threads(threads)
        self.instruction_set = check_instruction_set(instruction_set)
        recipes = [member.recipe for member in self.members]
        self.table = read_table(recipes, x, y, validation, sample_weight, classes, self.dtype)
        rows, self.features = self.table.x.shape
        check_fit(self.members, rows, has_validation=validation is not None)
        self._arrays = empty_arrays(recipes)
        targets = self.table.targets.by_form.values()
        self._core = _CORE_FLEETS[dtype](
            self.instruction_set,
            self.table.x,
            [target.training for target in targets],
            self.table.sample_weight,
            self.table.x_validation,
            [target.validation for target in targets],
            [self._arrays[name] for name in EPOCH_FIELDS],
            [self._arrays[name] for name in LAYER_FIELDS],
            [self._arrays[name] for name in HEAD_FIELDS],
        )
        self._lock = threading.Lock()
        self._add_members()

    def _add_members(self) -> None:
        targets, plans = self.table.targets, {}
        for number, member in enumerate(self.members):
            recipe, columns = member.recipe, self._columns(member.recipe)
            check_initial(member, number, self.features, sum(columns))
            if recipe not in plans:
                plans[recipe] = compile_plan(
                    recipe, self.features, columns, targets.numbers(recipe)
                )
            rows = member.row_numbers()
            balanced = recipe.class_weight is not None
            self._core.add(
                plans[recipe],
                int(member.seed),
                rows,
                targets.of(recipe)[0].balanced_weights(rows) if balanced else None,
                None if member.initial is None else member.initial.flat(self.dtype),
            )

    def __repr__(self) -> str:
        targets = self.table.targets.by_form.values()
        answers = ", ".join(dict.fromkeys(target.answer for target in targets))
        return (
            f"Fleet({len(self.members)} members, {self.features} features, {answers}, "
            f"{self.dtype}, {self.threads} threads, {self.instruction_set})"
        )

    @property
    def classes(self) -> int:
        """Number of classes c among which every member chooses.

        Raises:
            RecipeError: If they do not choose among the same number of classes of one target.
        """
        counts = set()
        for recipe in dict.fromkeys(member.recipe for member in self.members):
            heads = as_heads(recipe.heads)
            counts.add((heads[0].target, count_classes(heads, self._columns(recipe))))
        if len(counts) > 1:
            given = " and ".join(f'{count} of "{target}"' for target, count in sorted(counts))
            raise RecipeError(
                "Class probabilities of a fleet need members that choose among the same classes, "
                f"got {given}; `outputs` gives the answers of every member."
            )
        return counts.pop()[1]

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

    def outputs(self, x: object) -> tuple[dict[str, Float[np.ndarray, "n _"]], ...]:
        """Give every member's answers of every head.

        Args:
            x: Features, shape (n, d).

        Returns:
            What `Network.outputs` gives, for each member.

        Raises:
            DataError: If the shape is wrong or a value is not finite.
        """
        recipes = [member.recipe for member in self.members]
        return tuple(
            by_target(part, as_heads(recipe.heads), self._columns(recipe))
            for part, recipe in zip(self._outputs(x)[1], recipes, strict=True)
        )

    def predict_proba(self, x: object) -> Float[np.ndarray, "m n c"]:
        """Give every member's class probabilities.

        Args:
            x: Features, shape (n, d).

        Returns:
            Probabilities, shape (m, n, c).

        Raises:
            DataError: If the shape is wrong or a value is not finite.
            RecipeError: If the members do not choose among the same classes of one target.
        """
        classes = self.classes
        together, parts = self._outputs(x)
        if all(part.shape[1] == classes for part in parts):
            return together.reshape(len(parts), -1, classes)
        return np.stack([class_probabilities(part) for part in parts])

    def predict(self, x: object) -> Int[np.ndarray, "m n"]:
        """Give every member's class numbers, shape (m, n)."""
        return self.predict_proba(x).argmax(axis=-1)

    def state(self) -> dict[str, np.ndarray]:
        """Copy out all that training has changed, so that another fleet can go on from here.

        Returns:
            Plain arrays by name, fit for `np.savez`; they belong to the caller.

        Raises:
            FleetBusyError: If the fleet trains.

        Example:
            >>> import numpy as np
            >>> from levelset.engine import Member, Recipe
            >>> x = np.random.default_rng(0).normal(size=(50, 2))
            >>> y, members = (x[:, 0] > 0).astype(int), [Member(Recipe(epochs=4))]
            >>> first, second = Fleet(members, x, y), Fleet(members, x, y)
            >>> first.run(3)
            >>> second.restore(first.state())
            >>> second.record.epochs_run
            array([3])
        """
        with self._alone():
            return self._saved.take()

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Go on from a state: training then is byte for byte as if it had never stopped.

        The fleet it came from must have had the same members, data and `dtype`; the number of
        threads and the instruction set may differ.

        Args:
            state: What `state` gave, of this fleet or of one that was made alike.

        Raises:
            RecipeError: If the members or the `dtype` are others.
            DataError: If the data is other data, or the state is damaged. The fleet is then as it
                was.
            FleetBusyError: If the fleet trains.
        """
        with self._alone():
            self._saved.put(state)

    @cached_property
    def _saved(self) -> Saved:
        sizes = [parameter_count(*self._layout(member.recipe)) for member in self.members]
        identity = identify(self.members, self.table, self.dtype)
        return Saved(self._core, np.array(sizes), self.dtype, self._arrays, identity)

    def _outputs(self, x: object) -> tuple[np.ndarray, list[np.ndarray]]:
        """Give all outputs end to end, and views of every member's own, (n, k)."""
        rows = check_features(x, self.dtype, columns=self.features)
        columns = [sum(self._columns(member.recipe)) for member in self.members]
        together = np.empty(len(rows) * sum(columns), self.dtype)
        which = np.arange(len(columns), dtype=np.int64)
        with self._alone():
            self._core.predict(which, rows, together, self.threads)
        parts = np.split(together, len(rows) * np.cumsum(columns)[:-1])
        return together, [part.reshape(len(rows), -1) for part in parts]

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

    def _columns(self, recipe: Recipe) -> tuple[int, ...]:
        return tuple(target.columns for target in self.table.targets.of(recipe))

    def _layout(self, recipe: Recipe) -> tuple[tuple[int, ...], NormalizationName]:
        """Give the widths of a network's layers and how they are normalized."""
        widths = layer_widths(recipe, self.features, sum(self._columns(recipe)))
        return widths, recipe.normalization

    def _network(self, number: int) -> Network:
        recipe = self.members[number].recipe
        layout = self._layout(recipe)
        flat = np.empty(parameter_count(*layout), self.dtype)
        with self._alone():
            self._core.parameters(number, flat)
        parameters = split_parameters(flat, *layout)
        return Network(recipe, *parameters, self._columns(recipe), self.instruction_set)


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
