"""Writing a page so that a reader never finds half of one."""

import os
import re
from pathlib import Path

from levelset.errors import DataError


def page_path(out: Path | None, *parts: str) -> Path:
    """Give the page's path: as asked, or named after what it is about, in the current folder.

    Raises:
        DataError: If its folder does not exist or it names a folder.
    """
    name = "-".join(re.sub(r"[^\w.-]+", "-", part).strip("-") for part in ("levelset", *parts))
    path = out if out is not None else Path(f"{name}.html")
    if path.is_dir():
        raise DataError(
            f"`--out` must name a file, got the folder {path}; add a name ending in .html."
        )
    if not path.parent.is_dir():
        raise DataError(
            f"The folder of `--out` must exist, got {path.parent}; create it or choose another."
        )
    return path


def write_page(path: Path, html: str) -> None:
    """Write the page beside its place and move it there in one step."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(html, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise DataError(
            f"{path} must be writable, but: {error.strerror}; choose another place with `--out`."
        ) from None
