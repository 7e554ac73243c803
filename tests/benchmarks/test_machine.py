import subprocess
import sys

import numpy as np
import pytest

from benchmarks.machine import provenance

PROGRAM = """
import numpy as np
from benchmarks.machine import peak_memory_bytes

before = peak_memory_bytes()
held = np.ones(200_000_000, np.uint8)
print(before, peak_memory_bytes())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere getrusage is all there is")
def test_peak_of_memory_is_what_the_process_alone_held():
    held = np.ones(400_000_000, np.uint8)
    done = subprocess.run([sys.executable, "-c", PROGRAM], check=True, capture_output=True)
    before, peak = map(int, done.stdout.split())
    assert before < len(held)
    assert peak - before == pytest.approx(200_000_000, rel=0.1)


def test_provenance_says_what_ran_and_on_what():
    found = provenance("python -m benchmarks.some", threads=1)
    assert set(found) == {"schema", "command", "started", "versions", "hardware"}
    assert found["hardware"]["threads_used"] == 1
    assert found["versions"]["numpy"] == np.__version__
