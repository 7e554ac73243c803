"""The builds of the core that this machine can run, as a parameter of tests."""

import pytest

from levelset.engine import core

INSTRUCTION_SETS = core.instruction_sets()
VECTOR_BYTES = {"avx512": 64, "avx2": 32, "baseline": 16}

every_instruction_set = pytest.mark.parametrize("instruction_set", INSTRUCTION_SETS)
