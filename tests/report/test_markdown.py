import dataclasses
import re

from levelset.report import report_markdown
from levelset.report.markdown import escaped
from levelset.studies.charts import Table
from tests.report.kinds import EVIL, all_kinds


def lines(content):
    return report_markdown(content).splitlines()


def test_the_verdict_comes_first(content):
    text = report_markdown(content)
    assert text.startswith(f"# {content.conclusion.headline}\n")
    assert "| MLP |" in text or "| Multilayer perceptron |" in text
    assert text.index("Which recipe") < text.index("What mattered") < text.index("Sigmoid or")


def test_tables_are_whole(content):
    rows = [line for line in lines(content) if line.startswith("| ")]
    assert rows
    blocks = re.split(r"\n(?!\|)", report_markdown(content))
    for block in blocks:
        grid = [line for line in block.splitlines() if line.startswith("|")]
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in grid}) <= 1


def test_findings_have_their_number_interval_and_n(content):
    text = report_markdown(content)
    assert "**Supported.** ReLU networks reach the target loss" in text
    assert "38.4 [29.7, 47.1] (95 % interval, n = 8)." in text
    assert "**Not shown.** Leaky ReLU removes dead units. This run has no evidence" in text
    assert "Not among the claims stated beforehand." in text


def test_studies_left_out_methods_and_commands_are_told(content):
    text = report_markdown(content)
    assert "- multitask: The table has one target" in text
    assert "- Seed: 0" in text
    assert f"```\n{content.command}\n```" in text


def test_a_page_of_a_study_begins_with_its_question(content):
    alone = dataclasses.replace(content, conclusion=None, studies=content.studies[:1], left_out=())
    text = report_markdown(alone)
    assert text.startswith(f"# {content.studies[0].question}\n")
    assert "Which recipe" not in text
    assert report_markdown(dataclasses.replace(alone, studies=())).startswith("# iris")


def test_names_cannot_become_markup(content):
    study = dataclasses.replace(
        content.studies[0],
        question=EVIL,
        charts=all_kinds(EVIL)[:-1],
        tables=(Table(EVIL, EVIL, (EVIL,), (("a|b",),)),),
        command="echo ``` > x",
    )
    text = report_markdown(dataclasses.replace(content, studies=(study,)))
    assert not re.search(r"(?<!\\)<", text)
    assert "a\\|b" in text
    assert "````\necho ``` > x\n````" in text


def test_links_cannot_be_made_and_brackets_of_intervals_stay():
    assert escaped("[x](y) 1 [0, 2]\nnext") == "[x\\](y) 1 [0, 2] next"
