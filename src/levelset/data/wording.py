"""How notes and errors about a table are worded."""

import difflib
from collections.abc import Iterable, Sequence


def counted(number: int, noun: str, plural: str = "") -> str:
    """Count a noun: `1 row`, `1,200 rows`, `2 classes`.

    Args:
        number: How many.
        noun: The singular.
        plural: The plural where it is not the singular and an s.

    Returns:
        The number, with separators of thousands, and the noun.

    Example:
        >>> counted(1, "row"), counted(1200, "row"), counted(2, "class", "classes")
        ('1 row', '1,200 rows', '2 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listed(items: Sequence[object], limit: int = 8) -> str:
    """List items in backticks, the first `limit` of them.

    Args:
        items: What to list.
        limit: How many to show.

    Returns:
        The list, with the number of those left out.

    Example:
        >>> listed("abcd", limit=2)
        '`a`, `b` and 2 more'
    """
    shown = ", ".join(quoted(item) for item in items[:limit])
    return shown + and_more(len(items) - limit)


def quoted(value: object) -> str:
    """Show a value in backticks, cut after 40 characters.

    Args:
        value: A cell, a name or a path.

    Returns:
        The quoted text.

    Example:
        >>> quoted("12,5")
        '`12,5`'
    """
    text = str(value)
    return f"`{text[:40]}…`" if len(text) > 41 else f"`{text}`"


def and_more(number: int, noun: str = "") -> str:
    """Say that there are more, if there are.

    Args:
        number: How many more.
        noun: What they are.

    Returns:
        The words with a leading space, or nothing.

    Example:
        >>> and_more(2, "such rows"), and_more(0)
        (' and 2 more such rows', '')
    """
    return f" and {number:,} more {noun}".rstrip() if number > 0 else ""


def suggested(name: str, candidates: Iterable[str]) -> str:
    """Ask `did you mean` where a candidate is near a mistyped name.

    Args:
        name: What was given.
        candidates: What exists.

    Returns:
        A question with a leading space, or nothing.

    Example:
        >>> suggested("Clas", ["age", "class"])
        ' Did you mean `class`?'
    """
    spellings = {candidate.lower(): candidate for candidate in candidates}
    near = difflib.get_close_matches(name.lower(), spellings, n=1)
    return f" Did you mean `{spellings[near[0]]}`?" if near else ""


def as_paragraph(subject: str, faults: Sequence[str], limit: int = 5) -> str:
    """Join the faults of one table into the paragraph of one error.

    Args:
        subject: The file, or what was given instead of one.
        faults: Whole sentences, one per fault.
        limit: How many faults to spell out.

    Returns:
        The subject and its faults.

    Example:
        >>> as_paragraph("a.csv", ["It is empty."])
        'a.csv: It is empty.'
    """
    left_out = len(faults) - limit
    rest = [f"There {'is' if left_out == 1 else 'are'} {counted(left_out, 'further fault')}."]
    return f"{subject}: " + " ".join([*faults[:limit], *(rest if left_out > 0 else [])])
