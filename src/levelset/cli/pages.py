"""Writing a report so that a reader never finds half of one."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from levelset.errors import DataError

if TYPE_CHECKING:
    from levelset.report import ReportContent

Format = Literal["html", "markdown", "json"]
ENDINGS: Mapping[Format, str] = {"html": ".html", "markdown": ".md", "json": ".json"}


def page_path(out: Path | None, *parts: str, form: Format = "html") -> Path:
    """Give the path of what will be written, before the work begins.

    Args:
        out: As asked; None names it after what it is about, in the current folder.
        *parts: What it is about.
        form: What will be written.

    Raises:
        DataError: If its folder does not exist, it names a folder, or something else lies where a
            page's tables would be put.
    """
    name = "-".join(re.sub(r"[^\w.-]+", "-", part).strip("-") for part in ("levelset", *parts))
    path = out if out is not None else Path(f"{name}{ENDINGS[form]}")
    if path.is_dir():
        raise DataError(
            f"`--out` must name a file, got the folder {path}; add a name ending in "
            f"{ENDINGS[form]}."
        )
    if not path.parent.is_dir():
        raise DataError(
            f"The folder of `--out` must exist, got {path.parent}; create it or choose another."
        )
    return path


def tables_path(path: Path) -> Path:
    """Give the folder of a page's tables, beside the page.

    Args:
        path: Of the page.

    Raises:
        DataError: If something lies there that no earlier run has written.
    """
    folder = path.with_name(f"{path.stem}-tables")
    ours = folder.is_dir() and all(each.suffix in (".csv", ".json") for each in folder.iterdir())
    if folder.exists() and not ours:
        raise DataError(
            f"The page's tables go to {folder}, which must be free or hold tables of an earlier "
            "run, but holds something else; move it, or choose another name with `--out`."
        )
    return folder


def write_report(path: Path, content: "ReportContent", form: Format) -> tuple[Path, ...]:
    """Write a report: one file, and beside an HTML page its tables and itself as JSON.

    Args:
        path: Of the file.
        content: What it says.
        form: What to write.

    Returns:
        What was written: the file, and for a page the folder of its tables.

    Raises:
        DataError: If the place cannot be written to.
    """
    from levelset.report import page, report_json, report_markdown, report_tables

    if form == "markdown":
        write_page(path, report_markdown(content))
        return (path,)
    if form == "json":
        write_page(path, report_json(content))
        return (path,)
    folder = tables_path(path)
    texts = {**report_tables(content), f"{path.stem}.json": report_json(content)}
    write_folder(folder, texts)
    write_page(path, page(content))
    return path, folder


def write_page(path: Path, html: str) -> None:
    """Write the page beside its place and move it there in one step."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(html, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise _unwritable(path, error) from None


def write_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write a folder of files beside its place and move it there; an earlier one is replaced.

    Args:
        folder: Where it shall be.
        texts: Content by file name.

    Raises:
        DataError: If the place cannot be written to.
    """
    unfinished = folder.with_name(f".{folder.name}.{os.getpid()}")
    earlier = folder.with_name(f".{folder.name}.{os.getpid()}.earlier")
    try:
        unfinished.mkdir()
        for name, text in texts.items():
            (unfinished / name).write_text(text, encoding="utf-8")
        if folder.exists():
            folder.rename(earlier)
        unfinished.rename(folder)
    except OSError as error:
        raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(earlier, ignore_errors=True)


def _unwritable(path: Path, error: OSError) -> DataError:
    return DataError(
        f"{path} must be writable, but: {error.strerror}; choose another place with `--out`."
    )
