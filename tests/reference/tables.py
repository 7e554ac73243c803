"""Small tables to learn from."""

import numpy as np

from levelset.seeds import stream


def make_table(
    rows: int, features: int, classes: int, dtype: str = "float64", seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Features (n, d) and class numbers (n,): a noisy linear rule, every class in use."""
    generator = stream(seed, "table", rows, features, classes)
    x = generator.normal(size=(rows, features))
    scores = x @ generator.normal(size=(features, classes))
    y = (scores + generator.normal(size=scores.shape)).argmax(axis=1)
    y[:classes] = np.arange(classes)[:rows]
    return x.astype(dtype), y
