"""Generated tables, and what can be done to them: each gives features (n, d) and classes (n,)."""

from collections.abc import Callable

import numpy as np

from levelset.data import load_bundled
from levelset.seeds import stream

Rows = tuple[np.ndarray, np.ndarray]


def ring(seed: int, n: int = 500) -> Rows:
    """Inside or outside a circle, uniform on the unit square."""
    x = stream(seed, "ring").uniform(size=(n, 2))
    return x, (((x - 0.5) ** 2).sum(axis=1) < 0.12).astype(int)


def moons(seed: int, n: int = 400, noise: float = 0.2) -> Rows:
    """Two half circles that reach into each other."""
    generator = stream(seed, "moons")
    angle, y = generator.uniform(0, np.pi, size=n), np.arange(n) % 2
    x = np.column_stack([np.cos(angle), np.sin(angle)])
    x[y == 1] = [1.0, 0.5] - x[y == 1]
    return x + generator.normal(scale=noise, size=x.shape), y


def blobs(
    seed: int, n: int = 400, d: int = 5, classes: int = 3, apart: float = 4.0, shares: tuple = ()
) -> Rows:
    """Gaussian classes around random corners."""
    generator = stream(seed, "blobs")
    y = generator.choice(classes, size=n, p=shares or None)
    y[: 4 * classes] = np.arange(4 * classes) % classes
    centers = generator.normal(size=(classes, d))
    centers *= apart / np.sqrt(2) / np.linalg.norm(centers, axis=1, keepdims=True)
    return generator.normal(size=(n, d)) + centers[y], y


def spirals(seed: int, n: int = 500, noise: float = 0.1, turns: float = 1.0) -> Rows:
    """Two arms around each other."""
    generator = stream(seed, "spirals")
    t, y = np.sqrt(generator.uniform(0.05, 1, size=n)), np.arange(n) % 2
    angle = 2 * np.pi * turns * t + np.pi * y
    x = 3 * t[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return x + generator.normal(scale=noise, size=x.shape), y


def xor(seed: int, n: int = 400, d: int = 2) -> Rows:
    """The sign of a product of the first two of d features."""
    x = stream(seed, "xor").normal(size=(n, d))
    return x, (x[:, 0] * x[:, 1] > 0).astype(int)


def checkers(seed: int, n: int = 600, cells: int = 3) -> Rows:
    """A checkerboard."""
    x = stream(seed, "checkers").uniform(-1, 1, size=(n, 2))
    return x, (np.floor((x + 1) / 2 * cells).sum(axis=1) % 2).astype(int)


def coins(seed: int, n: int = 300, d: int = 5) -> Rows:
    """Labels that have nothing to do with the features."""
    generator = stream(seed, "coins")
    return generator.normal(size=(n, d)), generator.integers(2, size=n)


def bundled(name: str) -> Rows:
    """A table that comes with levelset."""
    dataset = load_bundled(name)
    return np.array(dataset.values), np.array(dataset.targets)


def stretched(rows: Rows, seed: int, powers: float = 3.0, shift: float = 0.0) -> Rows:
    """Columns in units that differ by powers of ten, and not centered."""
    x, y = rows
    scale = 10.0 ** stream(seed, "stretch").uniform(-powers, powers, size=x.shape[1])
    return (x + shift) * scale, y


def flipped(rows: Rows, seed: int, share: float) -> Rows:
    """A share of the labels moved to another class."""
    x, y = rows
    generator, classes = stream(seed, "flip"), int(y.max()) + 1
    chosen = generator.choice(len(y), size=round(share * len(y)), replace=False)
    y = y.copy()
    y[chosen] = (y[chosen] + generator.integers(1, classes, size=len(chosen))) % classes
    return x, y


def repeated(share: float) -> Callable[[Rows, Rows], tuple[Rows, Rows]]:
    """Validation rows of which a share is copied into the training rows."""

    def copy(training: Rows, held_out: Rows) -> tuple[Rows, Rows]:
        count = round(share * len(held_out[1]))
        more = tuple(
            np.concatenate([own, other[:count]])
            for own, other in zip(training, held_out, strict=True)
        )
        return (more[0], more[1]), held_out

    return copy


def few(rows: Rows, n: int) -> Rows:
    """The first n rows, in a fixed random order."""
    order = stream(0, "few").permutation(len(rows[1]))[:n]
    return rows[0][order], rows[1][order]


def rare(rows: Rows, label: int, keep: int) -> Rows:
    """All but `keep` rows of a class left out."""
    own = np.flatnonzero(rows[1] == label)
    gone = own[keep:]
    return np.delete(rows[0], gone, axis=0), np.delete(rows[1], gone)


def shifted(rows: Rows, by: float) -> Rows:
    """Every value plus a constant."""
    return rows[0] + by, rows[1]


def times(rows: Rows, factor: float) -> Rows:
    """Every value times a constant."""
    return rows[0] * factor, rows[1]


def columns(rows: Rows, which: tuple[int, ...]) -> Rows:
    """Some columns alone."""
    return rows[0][:, which], rows[1]


def coarse(rows: Rows) -> Rows:
    """Values rounded until rows repeat by chance."""
    return np.round(rows[0] * 1.5), rows[1]


def shells(seed: int, n: int = 500, d: int = 3, classes: int = 2) -> Rows:
    """Classes by distance from 0, equally many rows of each."""
    x = stream(seed, "shells").normal(size=(n, d))
    order = np.argsort(np.linalg.norm(x, axis=1))
    y = np.empty(n, dtype=int)
    y[order] = np.arange(n) * classes // n
    return x, y


def bands(seed: int, n: int = 500, waves: float = 1.0) -> Rows:
    """Above or below a wave, in the square from -1 to 1."""
    x = stream(seed, "bands").uniform(-1, 1, size=(n, 2))
    return x, (x[:, 1] > 0.6 * np.sin(np.pi * waves * x[:, 0])).astype(int)
