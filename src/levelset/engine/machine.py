"""What this machine offers to the engine: cores and instruction sets."""

import os

from levelset.engine import core
from levelset.errors import RecipeError


def available_threads() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def check_threads(threads: int | None) -> int:
    """Give the number of threads; that of the cores for None.

    Raises:
        RecipeError: If it is not a positive integer.
    """
    if threads is None:
        return available_threads()
    if not isinstance(threads, int) or threads < 1:
        raise RecipeError(f"`threads` must be a positive integer or None, got {threads!r}.")
    return threads


def check_instruction_set(name: str | None) -> str:
    """Give the name of a build of the core; the widest for None.

    Raises:
        RecipeError: If this machine does not run it.
    """
    known = core.instruction_sets()
    if name is None:
        return known[0]
    if name not in known:
        raise RecipeError(
            f"`instruction_set` must be one that this machine runs ({', '.join(known)}), "
            f"got {name!r}."
        )
    return name
