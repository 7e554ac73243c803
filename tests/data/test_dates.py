import pytest

from levelset.data.dates import LOOKED_AT, are_dates


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-01",
        "2024-03-01 12:30",
        "2024-03-01T12:30:05.250Z",
        "2024-03-01 00:00:00+01:00",
        "2024/3/1",
        "2024.03.01",
        "2024-03",
        "03/01/2024",
        "31/12/2024",
        "3/1/24 9:05 PM",
        "31-12-2024",
        "1.3.2024",
        "1 Mar 2024",
        "01-Mar-2024",
        "March 1st, 2024",
        "Sept 2024",
        "Fri, 01 Mar 2024 12:30:00 GMT",
    ],
)
def test_ways_to_write_a_date(text):
    assert are_dates([text])


@pytest.mark.parametrize(
    "text",
    [
        "12-34",
        "12-11-10",  # a bank's sort code
        "12-31-24",
        "2024-13",
        "2024-0012",
        "2024-02-30-7",
        "13/13/2024",
        "32/01/2024",
        "1.3.24",
        "2024.3.1",
        "10.0.0.1",
        "v2024.03.01",
        "3/4",
        "20240301",
        "2024",
        "12:30",
        "555-01-2024",
        "9999-12-31",
        "May",
        "May 12",
        "Mayer 2024",
        "A-2024-03-01",
        "",
    ],
)
def test_what_only_looks_like_a_date(text):
    assert not are_dates([text])


def test_nine_tenths_are_enough_and_none_is_not():
    dates = [f"2024-03-{day:02d}" for day in range(1, 10)]
    assert are_dates([*dates, "unknown"])
    assert not are_dates([*dates, "unknown", "0000-00-00"])
    assert not are_dates([])


def test_many_values_are_looked_at_along_their_whole_length():
    dates = [f"{year}-03-{day:02d}" for year in range(1600, 1800) for day in range(1, 29)]
    codes = [f"code {number}" for number in range(2 * len(dates))]
    assert len(dates) > LOOKED_AT
    assert are_dates(dates)
    assert not are_dates([*dates, *codes])
