"""The command line as a user meets it: what it prints, where, and how it exits."""

import html
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from levelset.cli import main
from levelset.studies import STUDIES

FAST = ["--budget", "quick", "--epochs", "2", "--hidden", "4"]


def run(*arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return stopped.value.code, printed.out, printed.err


def refused(*arguments, capsys):
    """The one paragraph on standard error of a command that must end with status 2."""
    status, out, error = run(*arguments, capsys=capsys)
    assert status == 2
    assert out == ""
    assert error.startswith("levelset: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error.removeprefix("levelset: ").strip()


def table(path, **columns):
    pd.DataFrame(columns).to_csv(path, index=False)
    return path


def good_columns(rows=60):
    generator = np.random.default_rng(0)
    size = generator.normal(size=rows)
    return {"size": size, "hue": np.where(size > 0, "red", "blue"), "kind": np.arange(rows) % 3}


def words_of(page):
    """A page's source without the marks between the words of a command."""
    return html.unescape(re.sub(r"</?span>", "", page.read_text("utf-8")))


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def three_studies(monkeypatch):
    """A report of the cheapest studies; all of them together take minutes."""
    chosen = {name: STUDIES[name] for name in ("weight-penalty", "softmax", "cross-entropy")}
    for module in ("levelset.report.builder", "levelset.cli.report"):
        monkeypatch.setattr(f"{module}.STUDIES", chosen)
    return chosen


def test_report_writes_one_page_and_says_where(here, three_studies, capsys):
    status, out, _ = run("report", "iris", *FAST, capsys=capsys)
    assert status == 0
    page = here / "levelset-iris.html"
    assert f"The report: {page}" in out
    text = words_of(page)
    assert "levelset report iris --budget quick --hidden 4 --epochs 2" in text
    assert "levelset study weight-penalty iris" in text
    assert not re.search(r"""(?:src|href)=["']?https?://|url\(""", text)
    # Nothing half-written beside it.
    assert sorted(path.name for path in here.iterdir()) == ["levelset-iris-tables", page.name]


def test_report_of_a_table_with_everything(here, three_studies, capsys):
    columns = good_columns()
    columns["hue"] = np.where(np.arange(60) % 7 == 0, None, columns["hue"])
    columns["same"] = 1
    table("mixed.csv", **columns)
    status, out, _ = run("report", "mixed.csv", "--target", "kind", *FAST, capsys=capsys)
    assert status == 0
    assert "same" in out  # the constant column was dropped, and that is said
    text = (here / "levelset-mixed.html").read_text("utf-8")
    assert "same" in text


def test_studies_left_out_for_the_same_reason_are_told_together(here, monkeypatch, capsys):
    chosen = {name: STUDIES[name] for name in ("weight-penalty", "transfer", "multitask")}
    monkeypatch.setattr("levelset.report.builder.STUDIES", chosen)
    table("few.csv", size=np.arange(36.0) ** 2, hue=np.cos(np.arange(36)), kind=["a", "b"] * 18)
    status, out, _ = run("report", "few.csv", "--target", "kind", *FAST, capsys=capsys)
    assert status == 0
    assert re.search(r"^Left out: transfer, multitask\. It needs two classes", out, re.MULTILINE)


@pytest.mark.parametrize("name", ["activations", "weight-penalty"])
def test_study_prints_verdicts_and_writes_its_page(name, here, capsys):
    status, out, _ = run("study", name, "iris", *FAST, "--out", "page.html", capsys=capsys)
    assert status == 0
    assert sum(out.count(word) for word in ("SUPPORTED:", "REFUTED:", "NOT SHOWN:")) >= 4
    assert "Choice: " in out
    assert "page.html" in out
    assert f"levelset study {name} iris" in words_of(here / "page.html")


def test_a_study_that_chooses_nothing_says_nothing_of_a_choice(here, capsys):
    status, out, _ = run("study", "softmax", "iris", *FAST, capsys=capsys)
    assert status == 0
    assert "Choice" not in out


def test_the_time_is_said_before_a_study_on_standard_error(here, capsys):
    _, out, error = run("study", "softmax", "iris", *FAST, capsys=capsys)
    assert re.fullmatch(r"About \d+ s of training; measuring .* comes on top\.\n", error)
    assert "About" not in out


def test_the_printed_command_reproduces_the_findings(here, capsys):
    words = ["study", "softmax", "iris", *FAST, "--seed", "4", "--out", "page.html"]
    _, first, _ = run(*words, capsys=capsys)
    line = re.search(r"levelset (study softmax [^<\n]*)", words_of(Path("page.html")))
    assert line is not None
    _, second, _ = run(*line[1].split(), "--out", "page.html", capsys=capsys)
    assert first == second


def test_the_printed_command_keeps_every_option_of_the_recipe(here, capsys):
    options = [
        *("--normalization", "batch", "--residual", "--heads", "softmax"),
        *("--mixup", "0.2", "--sam-radius", "0.05", "--out", "page.html"),
    ]
    words = ["study", "softmax", "wine", *FAST, *options]
    status, first, _ = run(*words, capsys=capsys)
    assert status == 0
    line = re.search(r"levelset (study softmax [^<\n]*)", words_of(Path("page.html")))
    assert line is not None
    assert "--normalization batch --residual --heads softmax" in line[1]
    assert "--mixup 0.2 --sam-radius 0.05" in line[1]
    _, second, _ = run(*line[1].split(), "--out", "page.html", capsys=capsys)
    assert first == second


@pytest.mark.slow
def test_every_section_of_a_report_names_the_command_that_reproduces_it(here, capsys):
    run("report", "iris", *FAST, "--seed", "2", capsys=capsys)
    report = words_of(Path("levelset-iris.html"))
    lines = re.findall(r"<code>levelset (study [^<]*)</code>", report)
    assert len(lines) == sum(study.in_report for study in STUDIES.values())
    for line in lines:
        assert_reproduced(line, report, capsys)


def test_a_section_of_a_report_is_reproduced_by_its_command(here, three_studies, capsys):
    run("report", "iris", *FAST, "--seed", "2", capsys=capsys)
    report = words_of(Path("levelset-iris.html"))
    lines = re.findall(r"<code>levelset (study [^<]*)</code>", report)
    assert [line.split()[1] for line in lines] == list(three_studies)
    for line in lines:
        assert_reproduced(line, report, capsys)


def assert_reproduced(line, report, capsys):
    """Run a section's command and find all its evidence in the report."""
    status, _, _ = run(*shlex.split(line), "--out", "alone.html", capsys=capsys)
    assert status == 0
    alone = words_of(Path("alone.html"))
    evidence = re.findall(r"<p class=\"effect\">.*?</p>", alone, re.DOTALL)
    assert len(evidence) >= 4
    assert all(each in report for each in evidence)


def test_datasets_and_version(capsys):
    status, out, _ = run("datasets", capsys=capsys)
    assert status == 0
    assert all(name in out for name in ("iris", "wine", "breast_cancer", "digits"))
    status, out, _ = run("--version", capsys=capsys)
    assert status == 0
    assert re.fullmatch(r"levelset \d+\.\d+\.\d+\n", out)


def test_studies_are_listed_with_their_questions(capsys):
    status, out, _ = run("studies", capsys=capsys)
    assert status == 0
    said = " ".join(out.split())
    for name, study in STUDIES.items():
        assert f"{name} {study.question.split()[0]} " in said
    assert out.count("*") == 1 + sum(not study.in_report for study in STUDIES.values())


def test_help_names_every_field_of_a_recipe(capsys):
    from levelset.engine import Recipe

    _, out, _ = run("report", "--help", capsys=capsys)
    for name in Recipe.model_fields:
        assert "--" + name.replace("_", "-") in out


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        (["report", "nosuch.csv", "--target", "y"], r"nosuch\.csv"),
        (["report", "irsi"], r"iris"),
        (["study", "activation", "iris"], r"must be one of activations.*did you mean activations"),
        (["report", "iris", "--l2", "-1"], r"`l2` must be greater than or equal to 0, got '-1'"),
        (["report", "iris", "--hidden", "a"], r"`hidden\.0` must be a valid integer.* got 'a'"),
        (["report", "iris", "--activation", "rleu"], r"activation"),
        (["report", "iris", "--activaton", "relu"], r"Did you mean.*--activation"),
        (["report", "iris", "--nesterov"], r"`nesterov` needs `optimizer=\"sgd\"`"),
        (["report", "iris", "--heads", "mse"], r"`heads` must be 'softmax', .* got 'mse'"),
        (["report", "iris", "--heads.target", "y"], r"Unknown option.*--heads"),
        (["study", "activations", "iris", "--heads", "sigmoid"], r"`heads` must be \"softmax\""),
        (["report", "iris", "--seed", "-1"], r"seed.*-1"),
        (["report", "iris", "--seed", "x"], r"seed"),
        (["report", "iris", "--out", "no/such/place.html"], r"must exist, got no/such"),
        (["report", "iris", "--out", "."], r"must name a file, got the folder"),
        (["report", "iris", "--budget", "huge"], r"budget"),
        (["report"], r"TABLE requires an argument\. `levelset report --help` says what it takes"),
        (["reprot", "iris"], r"report"),
    ],
)
def test_wrong_words_get_one_paragraph(arguments, pattern, here, capsys):
    assert re.search(pattern, refused(*arguments, capsys=capsys), re.IGNORECASE)


def test_wrong_tables_get_one_paragraph(here, capsys):
    good = good_columns()
    Path("empty.csv").write_text("")
    Path("header.csv").write_text("size,kind\n")
    Path("latin.csv").write_bytes("größe,kind\n1,a\n2,b\n".encode("latin-1"))
    table("one_class.csv", size=good["size"], kind="a")
    table("one_column.csv", kind=good["kind"])
    table(
        "infinite.csv", size=np.where(np.arange(60) == 7, np.inf, good["size"]), kind=good["kind"]
    )
    table("three.csv", size=[1.5, 2.5, 3.0], kind=["a", "b", "a"])
    table("lonely.csv", size=good["size"], kind=["rare", *["common"] * 59])
    table("constant.csv", size=1, kind=good["kind"])
    table("names.csv", name=[f"person {k}" for k in range(60)], kind=good["kind"])
    expected = {
        "empty.csv": r"empty",
        "header.csv": r"row",
        "latin.csv": r"UTF-8",
        "one_class.csv": r"class",
        "one_column.csv": r"column",
        "infinite.csv": r"line 9.*size",
        "three.csv": r"class",
        "lonely.csv": r"rare",
        "constant.csv": r"column",
        "names.csv": r"column",
    }
    for name, pattern in expected.items():
        paragraph = refused("report", name, "--target", "kind", *FAST, capsys=capsys)
        assert re.search(pattern, paragraph), (name, paragraph)
    wrong = refused("report", "constant.csv", "--target", "knd", capsys=capsys)
    assert re.search(r"knd.*kind", wrong)
    assert not list(here.glob("*.html"))


def test_text_with_thousands_of_values_and_missing_numbers_are_handled_and_said(here, capsys):
    good = good_columns(3000)
    good["size"][5] = np.nan
    table("t.csv", note=[f"unique text {k}" for k in range(3000)], **good)
    status, out, _ = run(
        "study", "weight-penalty", "t.csv", "--target", "kind", *FAST, capsys=capsys
    )
    assert status == 0
    assert "note" in out
    assert "missing" in out


def test_ctrl_c_ends_with_status_1_and_leaves_no_page(here):
    program = (
        "import os, signal, threading\n"
        "from levelset.cli import main\n"
        # A process that was started in the background ignores SIGINT until it says otherwise.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        "main(['report', 'digits', '--budget', 'thorough'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "interrupted" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(here.iterdir())


INTERRUPTED_WHILE_IMPORTING = """
import signal
import sys
from importlib.metadata import entry_points


class CtrlC:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            raise KeyboardInterrupt


sys.meta_path.insert(0, CtrlC())
# A process that was started in the background ignores SIGINT until it says otherwise.
signal.signal(signal.SIGINT, signal.default_int_handler)
# As the console script does.
(script,) = entry_points(group="console_scripts", name="levelset")
main = script.load()
sys.exit(main(["study", "softmax", "wine", "--budget", "quick"]))
"""


@pytest.mark.parametrize(
    "module",
    [
        "levelset.cli.commands",
        "cyclopts",
        "cyclopts.exceptions",
        "levelset.errors",
        "levelset.cli.study",
        "numpy",
        "pydantic",
        "levelset.data",
        "levelset.report",
        "levelset.studies",
    ],
)
def test_ctrl_c_while_modules_are_imported_ends_with_status_1(module, here):
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_IMPORTING, module],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == "levelset: interrupted; nothing was written.\n"
    assert done.returncode == 1
    assert not list(here.iterdir())


def test_a_ctrl_c_that_a_library_ignores_is_not_lost(here):
    # As when it comes while a callback runs, from which no exception can leave.
    ignored = """
        if name == sys.argv[1]:
            class Callback:
                def __del__(self):
                    raise KeyboardInterrupt
            Callback()
"""
    raised = """
        if name == sys.argv[1]:
            raise KeyboardInterrupt
"""
    assert raised in INTERRUPTED_WHILE_IMPORTING
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_WHILE_IMPORTING.replace(raised, ignored), "numpy"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr == "levelset: interrupted; nothing was written.\n"
    assert done.returncode == 1
    assert not list(here.iterdir())


def test_before_ctrl_c_is_answered_next_to_nothing_is_imported():
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from levelset.cli.main import main\n"
        "print(*sorted(name for name in set(sys.modules) - before if 'levelset' in name))\n"
        "print(*sorted({'typing', 'cyclopts'} & (set(sys.modules) - before)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == ["levelset levelset.cli levelset.cli.main", ""]


def test_help_does_not_load_the_engine():
    program = (
        "import sys\n"
        "from levelset.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'plotly', 'scipy', 'pydantic'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_end_spares_python_its_search_for_cycles():
    program = (
        "import atexit, gc\n"
        "atexit.register(lambda: print(gc.get_freeze_count() > 0))\n"  # the first is called last
        "from levelset.cli import main\n"
        "try:\n    main(['explain', 'softmax', '--logits', '1', '2'])\n"
        "except SystemExit:\n    print(gc.get_freeze_count() > 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split()[-2:] == ["False", "True"]
