"""Ten thousand networks are trained and kept in the memory of an ordinary machine."""

import subprocess
import sys

TARGET_BYTES = 600_000_000

# A fresh process, so that nothing but the fleet is counted. Linux's own figure where there is one:
# that of `getrusage` begins with the memory of the process that started it, and so with all that
# the tests import.
PROGRAM = """
import resource, sys
from pathlib import Path
import numpy as np
from levelset.engine import Fleet, Member, Recipe

generator = np.random.default_rng(0)
x = generator.normal(size=(96, 20)).astype(np.float32)
y = np.arange(96) % 3
recipe = Recipe(hidden=(64, 64), epochs=2)
fleet = Fleet([Member(recipe, seed=s) for s in range(10_000)], x, y, validation=(x, y))
fleet.run()
assert fleet.networks[9_999].weights[1].shape == (64, 64)
assert (fleet.record.epochs_run == 2).all()

status = Path("/proc/self/status")
if status.exists():
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
    print(1024 * int(line.split()[1]))
else:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(most if sys.platform == "darwin" else 1024 * most)
"""


def test_ten_thousand_networks_stay_under_the_memory_that_was_promised():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert 10_000 * 4 * 5_699 < int(done.stdout) < TARGET_BYTES
