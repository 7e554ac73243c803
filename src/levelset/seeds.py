"""Named streams of random numbers from one seed.

Randomness is an argument everywhere in levelset: a function that draws takes a
`numpy.random.Generator`, and a program makes its generators here, one per purpose, so that adding a
purpose never shifts the numbers of another. The compiled engine has its own streams
(`native/random.hpp`), keyed by the member's seed in the same way.
"""

import hashlib

import numpy as np


def stream(seed: int, *purpose: str | int) -> np.random.Generator:
    """Make the generator of one purpose under one seed.

    The pair (seed, purpose) is hashed to the 128-bit key of a Philox counter-based generator
    (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011).

    Args:
        seed: Any integer; the one number a user gives.
        *purpose: What the numbers are for, for example `"split", 3`.

    Returns:
        A generator that yields the same numbers for the same arguments on every machine.

    Example:
        >>> stream(0, "split", 1).integers(100) == stream(0, "split", 1).integers(100)
        np.True_
    """
    text = "/".join([str(int(seed)), *map(str, purpose)])
    key = np.frombuffer(hashlib.sha256(text.encode()).digest()[:16], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key))
