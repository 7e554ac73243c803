import numpy as np
import pytest

from levelset.data import load
from levelset.errors import DataError
from levelset.studies import set_aside


def test_rows_set_aside_are_the_others():
    table = load("iris")
    studied, test = set_aside(table, 0.2, seed=3)
    assert len(test) == 30
    assert sorted([*studied, *test]) == list(range(150))
    assert np.bincount(table.targets[test]).tolist() == [10, 10, 10]
    assert len(set_aside(table, 0.0, seed=3)[1]) == 0


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0])
def test_a_share_that_is_none_is_refused(share):
    message = rf"must lie in \[0, 1\), got {share:g}; 0.2 keeps a fifth back\."
    with pytest.raises(DataError, match=message):
        set_aside(load("iris"), share, seed=0)
