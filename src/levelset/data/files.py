"""Tables in files: CSV and its relatives, and Parquet."""

import codecs
import csv
import io
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from levelset.data.dataset import Dataset, digest_of
from levelset.data.frames import Origin, dataset_from_frame
from levelset.data.wording import counted, listed, suggested
from levelset.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import pandas

SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read_table(path: str | PathLike[str], target: str | None = None) -> Dataset:
    """Read a table from a file.

    A text file is UTF-8 with a header; its separator is a comma, or else the semicolon, tab or bar
    that the header shows. Blank lines are skipped. Missing are empty cells and what pandas takes
    for missing (`NA`, `NaN`, `n/a`, `null`, `None`, …).

    Args:
        path: A `.csv`, `.tsv`, `.txt` or `.parquet` file; without a suffix, read as CSV.
        target: The target's column; if None, the one called target, class, label or y.

    Returns:
        The dataset, named after the file.

    Raises:
        DataError: If the file cannot be used; says where and why.
        MissingExtraError: If it is Parquet, and pyarrow is not installed.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "tiny.csv"
        >>> lines = ["x,color,y", "0.5,red,a", "1.5,blue,b", "2,red,a"]
        >>> _ = path.write_text(chr(10).join(lines))
        >>> read_table(path)
        tiny: 3 rows, 1 numeric column, 1 categorical, 2 classes (2, 1), 0 missing values
    """
    path = Path(path)
    content = _read_bytes(path)
    if path.suffix.lower() == ".parquet":
        frame = _parse_parquet(content, path)
        where = "row {} (counted from 0)".format
        notes: tuple[str, ...] = ()
    else:
        text = _decode(content, path)
        separator = _separator(text, path)
        header, lines = _records(text, separator, path)
        frame = _parse_text(text, separator, header)
        where = partial(_line_of, lines)
        expected = "\t" if path.suffix.lower() == ".tsv" else ","
        notes = (
            (f"Read fields separated by {_SEPARATORS[separator]}.",)
            if separator != expected
            else ()
        )
    origin = Origin(path.stem, str(path), where, digest_of(content), notes)
    return dataset_from_frame(frame, target, origin)


def _line_of(lines: list[int], position: int) -> str:
    return f"line {lines[position]}"


def _read_bytes(path: Path) -> bytes:
    if path.is_dir():
        tables = sorted(one.name for one in path.iterdir() if one.suffix.lower() in SUFFIXES)
        found = f"; it holds {listed(tables)}" if tables else ""
        raise DataError(f"{path}: A table must be a file, and this is a directory{found}.")
    if not path.exists():
        beside = [one.name for one in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(f"{path}: There is no such file.{suggested(path.name, beside)}")
    if path.suffix.lower() not in ("", *SUFFIXES):
        raise DataError(
            f"{path}: A table must be a file of type {', '.join(SUFFIXES)}, got "
            f"{path.suffix}; save it as CSV (UTF-8)."
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: The file cannot be read: {error.strerror}.") from error
    if not content.removeprefix(codecs.BOM_UTF8).strip():
        raise DataError(f"{path}: The file is empty; a header and rows are required.")
    return content


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        utf_16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        encoding = "UTF-16" if utf_16 else "WINDOWS-1252"
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{path}: The file must be UTF-8, got byte 0x{content[error.start]:02x} at offset "
            f"{error.start} (line {line}); convert it, for example with "
            f"`iconv -f {encoding} -t UTF-8` if that is its encoding."
        ) from error


def _separator(text: str, path: Path) -> str:
    header = text.lstrip().split("\n", 1)[0]
    preferred = "\t" if path.suffix.lower() == ".tsv" else ","
    if preferred in header:
        return preferred
    return max(_SEPARATORS, key=header.count) if any(map(header.count, _SEPARATORS)) else preferred


def _records(text: str, separator: str, path: Path) -> tuple[list[str], list[int]]:
    """Read the header, and the line of the file on which each row under it begins."""
    physical = list(io.StringIO(text, newline=""))
    reader = csv.reader(physical, delimiter=separator, skipinitialspace=True, strict=True)
    header: list[str] = []
    lines: list[int] = []
    ragged: list[str] = []
    last_line = 0
    try:
        for record in reader:
            line, last_line = last_line + 1, reader.line_num
            if len(record) < 2 and not physical[line - 1].strip():
                continue
            if not header:
                header = record
                continue
            lines.append(line)
            if len(record) != len(header):
                ragged.append(f"line {line} has {counted(len(record), 'field')}")
    except csv.Error as error:
        line = max(reader.line_num, 1)
        raise DataError(
            f"{path}: The record that ends in line {line} cannot be read ({error}); check its "
            "quotation marks."
        ) from error
    if ragged:
        more = f" (and {counted(len(ragged) - 1, 'further line')})" if len(ragged) > 1 else ""
        raise DataError(
            f"{path}: Every row must have the header's {counted(len(header), 'field')}, but "
            f"{ragged[0]}{more}; add or remove {_SEPARATORS[separator]}, or quote a field that "
            "contains one."
        )
    return [name.strip() or f"column {i + 1}" for i, name in enumerate(header)], lines


def _parse_text(text: str, separator: str, header: list[str]) -> "pandas.DataFrame":
    import pandas

    frame = pandas.read_csv(
        io.StringIO(text, newline=""),
        sep=separator,
        index_col=False,
        skipinitialspace=True,
        low_memory=False,  # one type for a whole column, not one per block of rows
    )
    # Pandas renames repeated columns, and the check of the header should see them.
    return frame.set_axis(header, axis="columns")


def _parse_parquet(content: bytes, path: Path) -> "pandas.DataFrame":
    import pandas

    try:
        import pyarrow
    except ImportError as error:
        raise MissingExtraError("pyarrow", "parquet", "reading Parquet") from error
    try:
        return pandas.read_parquet(io.BytesIO(content), engine="pyarrow")
    except (pyarrow.ArrowException, OSError) as error:
        raise DataError(
            f"{path}: The file is not a Parquet table that can be read ({error}); write it anew."
        ) from error
