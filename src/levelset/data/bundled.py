"""Four classical tables that scikit-learn carries, usable with no file at hand."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from levelset.data.dataset import Column, Dataset, Provenance, digest_of
from levelset.data.wording import listed, suggested
from levelset.errors import DataError

BUNDLED: Mapping[str, str] = MappingProxyType(
    {"iris": "species", "wine": "cultivar", "breast_cancer": "diagnosis", "digits": "digit"}
)
"""The name of each bundled table, with the name of its target."""


def load_bundled(name: str) -> Dataset:
    """Load a bundled table.

    Args:
        name: `iris`, `wine`, `breast_cancer` or `digits`.

    Returns:
        The dataset, complete: no column or row is dropped.

    Raises:
        DataError: If there is no such table.

    Example:
        >>> load_bundled("iris").classes
        ('setosa', 'versicolor', 'virginica')
    """
    if name not in BUNDLED:
        raise DataError(
            f"A bundled table must be one of {listed(list(BUNDLED))}, got `{name}`."
            f"{suggested(name, BUNDLED)}"
        )
    import sklearn.datasets

    bunch = getattr(sklearn.datasets, f"load_{name}")()
    values = np.array(bunch.data, dtype=np.float64)
    targets = np.array(bunch.target, dtype=np.int64)
    return Dataset(
        name=name,
        columns=tuple(Column(str(column), "numeric", 0) for column in bunch.feature_names),
        values=values,
        targets=targets,
        classes=tuple(str(label) for label in bunch.target_names),
        target_name=BUNDLED[name],
        provenance=Provenance(
            f"sklearn.datasets.load_{name}",
            digest_of(values.tobytes(), targets.tobytes()),
            len(values),
            rows_dropped=0,
        ),
    )
