import re
import shlex
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```(python|console)\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
PYTHON = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [
    shlex.split(line.removeprefix("$ "), comments=True)
    for language, text in BLOCKS
    if language == "console"
    for line in text.splitlines()
]
LEVELSET = [words for words in COMMANDS if words[0] == "levelset"]


def test_there_is_something_to_run():
    assert PYTHON
    assert len(COMMANDS) > 5


@pytest.fixture(scope="module")
def namespace():
    """What the blocks leave behind, run one after the other as a reader would."""
    names = {}
    for source in PYTHON:
        exec(compile(source, "README.md", "exec"), names)
    return names


def test_the_fleet_of_the_readme_is_what_its_comments_say(namespace):
    fleet, record = namespace["fleet"], namespace["record"]
    assert fleet.predict_proba(namespace["x"]).shape == (16, 400, 2)
    assert (record.epochs_run == 80).all()
    assert record.validation_loss.shape == (16, 80)
    assert record.gradient_norm.shape == (16, 80, 3)


def test_the_classifier_of_the_readme_has_learned(namespace):
    assert namespace["clf"].score(namespace["X"], load_wine_labels()) > 0.9


def load_wine_labels():
    from sklearn.datasets import load_wine

    return load_wine().target


@pytest.mark.parametrize("words", LEVELSET, ids=" ".join)
def test_commands_parse(words):
    from levelset.cli.commands import app

    command, bound, _ = app.parse_args(words[1:], exit_on_error=False, print_error=False)
    named = [word.replace("-", "_") for word in words[1:4]]
    assert any(command.__name__ in (name, f"check_{name}") for name in named)
    assert bound is not None


def test_every_command_is_shown():
    from levelset.cli.commands import app

    commands = {name for name in app if not name.startswith("-")}
    assert commands == {words[1] for words in LEVELSET}


def test_the_number_of_studies_and_tables_is_right():
    from levelset.data import BUNDLED, SYNTHETIC
    from levelset.studies import STUDIES

    text = " ".join(README.read_text("utf-8").split())
    assert f"one of {len(STUDIES)} questions" in text
    assert len(BUNDLED) == 4
    assert len(SYNTHETIC) == 7
    assert "Four tables are bundled and seven are drawn" in text


def test_the_mistake_of_the_readme_is_found(capsys):
    from levelset.cli import main

    checks = [words for words in LEVELSET if words[1:3] == ["explain", "check"]]
    assert checks
    for words in checks:
        with pytest.raises(SystemExit) as stopped:
            main(words[1:])
        assert stopped.value.code == 1
        assert "this is log10" in capsys.readouterr().out


@pytest.mark.parametrize("words", [words for words in COMMANDS if words[0] == "make"])
def test_make_targets_exist(words):
    makefile = README.with_name("Makefile").read_text("utf-8")
    assert re.search(rf"^{words[1]}:", makefile, re.MULTILINE)
