"""What the engine says where the tests' type checks would speak first.

The tests check every annotation while they run, so an argument of a wrong type never reaches the
engine's own message. Here it does: in a process of its own, as for a user.
"""

import json
import subprocess
import sys

PROGRAM = """
import json, sys
import numpy as np
from levelset.engine import Fleet, Member, Recipe
X, Y = np.zeros((4, 2)), np.array([0, 1, 0, 1])
MEMBERS = [Member(Recipe(epochs=1))]
said = []
for expression in json.load(sys.stdin):
    try:
        eval(expression)
        said.append("no error")
    except Exception as error:
        said.append(f"{type(error).__name__}: {error}")
json.dump(said, sys.stdout)
"""


def errors_of(expressions: list[str]) -> dict[str, str]:
    """'Error: message' for each expression over X (4, 2), Y, MEMBERS and the engine's names."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(expressions),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return dict(zip(expressions, json.loads(done.stdout), strict=True))
