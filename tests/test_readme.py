import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```(python|console)\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [
    line.removeprefix("$ ").split("#")[0].split()
    for language, text in BLOCKS
    if language == "console"
    for line in text.splitlines()
]


def test_there_is_something_to_run():
    assert PYTHON
    assert len(COMMANDS) > 5


@pytest.mark.parametrize("source", PYTHON)
def test_python_blocks_run(source):
    namespace = {}
    exec(compile(source, "README.md", "exec"), namespace)
    assert namespace["fleet"].predict_proba(namespace["x"]).shape == (16, 400, 2)
    assert (namespace["record"].epochs_run == 80).all()


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] == "levelset"])
def test_commands_parse(words):
    from levelset.cli.main import app

    command, bound, _ = app.parse_args(words[1:], exit_on_error=False, print_error=False)
    assert command.__name__ == words[1]
    assert bound is not None


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] == "make"])
def test_make_targets_exist(words):
    makefile = README.with_name("Makefile").read_text("utf-8")
    assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE)
