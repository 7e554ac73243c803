"""From a table to the numbers a network takes in, learned from the training rows only."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int

from levelset.data.dataset import Column, Dataset
from levelset.data.wording import listed
from levelset.errors import DataError


@dataclass(frozen=True)
class NumericEncoding:
    """A standardized number: z = (x − mean) / scale, and 0 where x is missing.

    Args:
        name: The column.
        mean: Of the training rows' values, in the column's unit.
        scale: Their standard deviation (divided by n); 1 for a column that does not vary.
        indicates_missing: Whether a second column is 1 where x is missing, and 0 elsewhere.
    """

    name: str
    mean: float
    scale: float
    indicates_missing: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What the encoded columns are called."""
        return (self.name, f"{self.name} is missing")[: 1 + self.indicates_missing]

    def transform(self, cells: Float64[np.ndarray, " b"], column: Column) -> np.ndarray:
        """Encode cells; `column` says nothing a number needs."""
        del column
        missing = np.isnan(cells)
        standardized = np.where(missing, 0.0, (cells - self.mean) / self.scale)
        return np.column_stack([standardized, missing][: 1 + self.indicates_missing])


@dataclass(frozen=True)
class CategoricalEncoding:
    """A one-hot category: one column for each level of the training rows, all 0 for any other.

    Args:
        name: The column.
        levels: The categories seen; None stands for a missing value.
    """

    name: str
    levels: tuple[str | None, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the encoded columns are called."""
        return tuple(
            f"{self.name} is missing" if level is None else f"{self.name} = {level}"
            for level in self.levels
        )

    def transform(self, cells: Float64[np.ndarray, " b"], column: Column) -> np.ndarray:
        """Encode cells that are codes into `column.categories`."""
        code_of = {category: float(code) for code, category in enumerate(column.categories)}
        return np.column_stack(
            [
                np.isnan(cells) if level is None else cells == code_of.get(level, -1.0)
                for level in self.levels
            ]
        )


@dataclass(frozen=True)
class Encoding:
    """What the training rows taught about turning columns into inputs.

    Args:
        columns: One encoding per column of the dataset, in its order.
    """

    columns: tuple[NumericEncoding | CategoricalEncoding, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the k inputs are called: `age`, `age is missing`, `color = red`."""
        return tuple(name for column in self.columns for name in column.names)

    def transform(
        self, dataset: Dataset, rows: Int[np.ndarray, " b"]
    ) -> Float32[np.ndarray, "b k"]:
        """Encode rows of a dataset that has the columns this was fitted on.

        Args:
            dataset: The table fitted on, or another with the same columns.
            rows: (b,) row indices.

        Returns:
            (b, k) inputs, contiguous.

        Raises:
            DataError: If a column is missing or of another kind.
        """
        blocks = [
            encoding.transform(dataset.values[rows, index], dataset.columns[index])
            for encoding, index in zip(self.columns, self._find(dataset), strict=True)
        ]
        return np.ascontiguousarray(np.column_stack(blocks), dtype=np.float32)

    def unseen(self, dataset: Dataset, rows: Int[np.ndarray, " b"]) -> Mapping[str, int]:
        """Count the categories that the training rows did not have, and are encoded as all 0.

        Args:
            dataset: As in `transform`.
            rows: (b,) row indices.

        Returns:
            Rows with an unseen category, by column; only columns with any.
        """
        counts = {
            encoding.name: int(
                len(rows)
                - encoding.transform(dataset.values[rows, index], dataset.columns[index]).sum()
            )
            for encoding, index in zip(self.columns, self._find(dataset), strict=True)
            if isinstance(encoding, CategoricalEncoding)
        }
        return {name: count for name, count in counts.items() if count}

    def _find(self, dataset: Dataset) -> list[int]:
        index_of = {(column.name, column.kind): i for i, column in enumerate(dataset.columns)}
        wanted = [
            (one.name, "numeric" if isinstance(one, NumericEncoding) else "categorical")
            for one in self.columns
        ]
        absent = [f"{name} ({kind})" for name, kind in wanted if (name, kind) not in index_of]
        if absent:
            raise DataError(
                f"{dataset.name}: The columns that the encoding was fitted on are required, but "
                f"there is no {listed(absent)}; pass a table with the same columns."
            )
        return [index_of[key] for key in wanted]


def fit_encoding(dataset: Dataset, rows: Int[np.ndarray, " b"]) -> Encoding:
    """Learn an encoding from training rows alone.

    A numeric column x becomes z = (x − x̄)/s, with x̄ and s = √(Σ(x − x̄)²/b) over the training rows
    that have a value; a missing value becomes 0, that is, the mean, and if the training rows miss
    any, a column says where. A column that does not vary gets s = 1. A categorical column becomes
    one column for each level the training rows have, a missing value being a level of its own.

    Args:
        dataset: The table.
        rows: (b,) indices of training rows; repeated rows count repeatedly.

    Returns:
        The encoding.

    Raises:
        DataError: If there are no rows.

    Example:
        >>> from levelset.data import load
        >>> wine = load("wine")
        >>> rows = np.arange(0, 178, 2)
        >>> encoding = fit_encoding(wine, rows)
        >>> encoding.names[:2]
        ('alcohol', 'malic_acid')
        >>> encoding.transform(wine, rows).shape
        (89, 13)
    """
    if len(rows) == 0:
        raise DataError("An encoding needs training rows, got none.")
    return Encoding(
        tuple(
            _fit_numeric(column, dataset.values[rows, index])
            if column.kind == "numeric"
            else _fit_categorical(column, dataset.values[rows, index])
            for index, column in enumerate(dataset.columns)
        )
    )


def _fit_numeric(column: Column, cells: Float64[np.ndarray, " b"]) -> NumericEncoding:
    present = cells[~np.isnan(cells)]
    # Dividing by the largest keeps the squares of very large or small values within range.
    largest = float(np.abs(present).max(initial=0.0)) or 1.0
    deviation = float(np.std(present / largest)) if present.size else 0.0
    if deviation > 10 * np.finfo(np.float64).eps:
        mean, scale = float(np.mean(present / largest)) * largest, deviation * largest
    else:  # constant but for rounding, which a mean would only add to
        mean, scale = float(present[0]) if present.size else 0.0, 1.0
    return NumericEncoding(column.name, mean, scale, len(present) < len(cells))


def _fit_categorical(column: Column, cells: Float64[np.ndarray, " b"]) -> CategoricalEncoding:
    seen = np.unique(cells[~np.isnan(cells)]).astype(int)
    levels: list[str | None] = [column.categories[code] for code in seen]
    return CategoricalEncoding(column.name, (*levels, *([None] if np.isnan(cells).any() else [])))
