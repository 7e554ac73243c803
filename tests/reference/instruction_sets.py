"""The builds of the core that this machine can run, as a parameter of tests."""

import pytest

from levelset.engine import core

INSTRUCTION_SETS = core.instruction_sets()

every_instruction_set = pytest.mark.parametrize("instruction_set", INSTRUCTION_SETS)
