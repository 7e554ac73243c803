import subprocess
import sys

import numpy as np
import pytest

from levelset.data import BUNDLED, load_bundled
from levelset.errors import DataError

SHAPES = {
    "iris": (150, 4, 3),
    "wine": (178, 13, 3),
    "breast_cancer": (569, 30, 2),
    "digits": (1797, 64, 10),
}


@pytest.mark.parametrize("name", BUNDLED)
def test_shapes(name):
    data = load_bundled(name)
    assert (*data.values.shape, len(data.classes)) == SHAPES[name]
    assert data.target_name == BUNDLED[name]
    assert data.provenance.rows_read == data.rows
    assert np.isfinite(data.values).all()
    assert min(data.class_counts) > 0


def test_an_unknown_name():
    with pytest.raises(
        DataError, match=r"must be one of `iris`.* got `digit`\. Did you mean `digits`\?"
    ):
        load_bundled("digit")


def test_importing_is_light():
    code = (
        "import sys, levelset.data; sys.exit('pandas' in sys.modules or 'sklearn' in sys.modules)"
    )
    environment = {"PYTHONPATH": ":".join(sys.path)}
    assert (
        subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0
    )
