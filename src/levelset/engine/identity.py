"""Identity: what tells a fleet from others, so that a checkpoint is restored where it belongs."""

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from levelset.engine.member import Member
from levelset.engine.table import Table
from levelset.errors import DataError, RecipeError

_DATA = ("x", "sample_weight", "validation x", "y", "validation y")


def digest(*parts: str | int | np.ndarray | None) -> np.ndarray:
    """Digest arrays and what is not one (BLAKE2b), shape (32,) of bytes.

    Example:
        >>> bool((digest("a", np.zeros(2)) == digest("a", np.zeros(3))).all())
        False
    """
    summary = hashlib.blake2b(digest_size=32)
    for part in parts:
        if isinstance(part, np.ndarray):
            summary.update(f"{part.dtype.str}{part.shape}".encode())
            summary.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)
        else:
            summary.update(repr(part).encode())
    return np.frombuffer(summary.digest(), np.uint8).copy()


def identify(members: Sequence[Member], table: Table, dtype: np.dtype) -> dict[str, np.ndarray]:
    """Give a fleet's identity as arrays.

    Returns:
        `dtype`, a name; `members`, the digest of each member's recipe, seed, rows and initial
        network, shape (m, 32); `data`, those of the table's arrays, shape (5, 32).
    """
    targets = table.targets.by_form.items()
    data = (
        digest(table.x),
        digest(table.sample_weight),
        digest(table.x_validation),
        digest(*(part for form, of in targets for part in (repr(form), of.columns, of.training))),
        digest(*(of.validation for _, of in targets)),
    )
    return {
        "dtype": np.array(dtype.name),
        "members": np.stack([_member_digest(member, dtype) for member in members]),
        "data": np.stack(data),
    }


def check_identity(given: Mapping[str, np.ndarray], own: Mapping[str, np.ndarray]) -> None:
    """Check that a checkpoint is of a fleet.

    Raises:
        RecipeError: If its `dtype` or its members are others.
        DataError: If its data is other data.
    """
    if str(given["dtype"]) != str(own["dtype"]):
        raise RecipeError(
            f"`state` must be of a {own['dtype']} fleet, as this one is, got {given['dtype']}."
        )
    if given["members"].shape != own["members"].shape:
        raise RecipeError(
            f"`state` must be of {len(own['members'])} members, as this fleet has, got members of "
            f"shape {given['members'].shape}."
        )
    others = np.flatnonzero((given["members"] != own["members"]).any(axis=-1))
    if len(others):
        raise RecipeError(
            "`state` must be of the same members as this fleet's, got another recipe, seed, rows "
            f"or initial network of members[{others[0]}]."
        )
    if given["data"].shape != own["data"].shape:
        raise DataError(
            f"`state` must hold digests of data of shape {own['data'].shape}, got "
            f"{given['data'].shape}."
        )
    others = (given["data"] != own["data"]).any(axis=-1)
    if others.any():
        names = ", ".join(name for name, other in zip(_DATA, others, strict=True) if other)
        raise DataError(f"`state` must be of the same data as this fleet's, got another {names}.")


def _member_digest(member: Member, dtype: np.dtype) -> np.ndarray:
    return digest(
        member.recipe.model_dump_json(),
        int(member.seed),
        member.row_numbers(),
        None if member.initial is None else member.initial.flat(dtype),
    )
