"""Telling dates from the codes and version numbers that look like them."""

import re
from collections.abc import Collection

MOSTLY_DATES = 0.9
"""Share of dates from which on the other values are gaps in a column of dates."""

LOOKED_AT = 1000
"""Of many values, so many from the whole length of the column tell what it holds."""

_YEAR = r"(?:1[6-9]|2[01])\d\d"
_MONTH, _TWO_DIGIT_MONTH = r"(?:0?[1-9]|1[0-2])", r"(?:0[1-9]|1[0-2])"
_DAY, _TWO_DIGIT_DAY = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0[1-9]|[12]\d|3[01])"
_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?"
_FORMS = (
    rf"{_YEAR}-{_MONTH}-{_DAY}",  # 2024-03-01
    rf"{_YEAR}/{_MONTH}/{_DAY}",
    rf"{_YEAR}\.{_TWO_DIGIT_MONTH}\.{_TWO_DIGIT_DAY}",  # 2024.3.1 may be a version
    rf"{_YEAR}-{_TWO_DIGIT_MONTH}",
    # 03/01/2024, 1.3.2024; a year of two digits only after slashes, for 12-11-10 is a code and
    # 1.3.24 a version.
    *(
        rf"(?:{_MONTH}{mark}{_DAY}|{_DAY}{mark}{_MONTH}){mark}{year}"
        for mark, year in (("/", rf"(?:{_YEAR}|\d\d)"), ("-", _YEAR), (r"\.", _YEAR))
    ),
    rf"{_DAY}(?:st|nd|rd|th)?[ -]{_NAME},?[ -]{_YEAR}",  # 1 March 2024, 01-Mar-2024
    rf"{_NAME} {_DAY}(?:st|nd|rd|th)?,? {_YEAR}",  # March 1, 2024
    rf"{_NAME}[ -]{_YEAR}",
)
_CLOCK = r"\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?(?:z|utc|gmt|[+-]\d\d:?(?:\d\d)?))?"
_DATE = re.compile(rf"{_WEEKDAY}(?:{'|'.join(_FORMS)})(?:(?:t|,? ){_CLOCK})?", re.IGNORECASE)


def are_dates(texts: Collection[str]) -> bool:
    """Say whether texts are dates, with a time of day or without.

    At least nine tenths must be: the others are gaps, such as `0000-00-00` or `unknown`. A date is
    a day or a month of a year from 1600 to 2199, in digits (`2024-03-01`, `03/01/2024`,
    `1.3.2024`, `3/1/24`, `2024-03`) or with the English name of its month (`1 Mar 2024`). What is
    a date only with good will is none: `12-11-10`, `1.3.24`, `20240301`, `12:30`.

    Args:
        texts: Distinct values without spaces around them, none of them empty.

    Returns:
        Whether they are; False of none.

    Example:
        >>> are_dates(["2024-03-01", "2024-03-02 12:30"]), are_dates(["12-34", "2024-99"])
        (True, False)
    """
    looked_at = list(texts)[:: max(1, len(texts) // LOOKED_AT)]
    dates = sum(_DATE.fullmatch(text) is not None for text in looked_at)
    return bool(looked_at) and dates >= MOSTLY_DATES * len(looked_at)
