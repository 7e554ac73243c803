import dataclasses
import html
import itertools
import re
import subprocess
import sys

import pytest

from levelset.report import Baseline, Effect, draw, page
from levelset.report.figures.fragments import page_styles
from levelset.report.page import section
from levelset.studies.charts import Table
from levelset.studies.finding import Finding
from levelset.theory.statistics import Interval
from tests.report.examples import example_content
from tests.report.kinds import EVIL, all_kinds
from tests.report.reading import read


@pytest.fixture(scope="module")
def written():
    return page(example_content())


def test_the_page_is_one_small_file(written):
    assert len(written.encode()) < 1_000_000
    assert not re.search(r'(src|href)="(?!#|data:)', written)
    assert not re.search(r"https?://|@import|url\(", written)


def test_pictures_are_there_before_any_script_runs(written):
    still = re.sub(r"<script.*?</script>", "", written, flags=re.DOTALL)
    reader = read(still[still.index("<body>") + 6 : still.index("</body>")])
    pictures = [attrs for _, attrs in reader.tags if attrs.get("class") == "stretch"]
    assert len(pictures) > 40
    assert any("virginica" in text for text in reader.text)


def test_the_verdict_comes_first(written):
    places = [
        written.index(text)
        for text in (
            "<h1>A small network predicts",
            "Beside simpler classifiers",
            "Accuracy on held-out rows",
            'id="recipe-title">Which recipe',
            'id="unseen-title">What mattered on rows that no network had learned from',
            "Sigmoid or ReLU: which hidden activation learns faster and ends better?</h2>",
            "Reproduce this page",
        )
    ]
    assert places == sorted(places)


def test_every_section_can_be_reached_from_the_contents(written):
    targets = re.findall(r'<a (?:class="skip" )?href="#([^"]+)"', written)
    assert [t for t in dict.fromkeys(targets) if not t.startswith("study-")] == [
        *("content", "evidence", "recipe", "unseen", "left-out", "methods", "contents")
    ]
    assert all(f'id="{target}"' in written for target in targets)


def test_verdicts_are_told_by_words_and_shapes(written):
    badges = re.findall(r'<span class="badge ([a-z-]+)">(.*?)</span>', written, flags=re.S)
    kinds = {kind: re.sub(r"<.*?>", "", inside).strip() for kind, inside in badges}
    assert kinds == {"supported": "Supported", "refuted": "Refuted", "not-shown": "Not shown"}
    shapes = {kind: re.findall(r"<(?:path|circle).*?>", inside)[0] for kind, inside in badges}
    assert len(set(shapes.values())) == 3


def test_effects_have_their_interval_level_and_n(written):
    assert "38.4 [29.7, 47.1]" in written
    assert re.search(r"\(95 % interval, n = 8\)", written)


def test_commands_and_methods_are_printed(written, content):
    text = re.sub(r"<.*?>", "", written)
    assert "levelset study activations iris --budget standard --seed 0" in text
    assert "levelset report iris --budget standard --seed 0" in text
    assert content.methods.paragraph in text
    assert "1 min 24 s" in text


def test_the_same_content_gives_the_same_page(written, content):
    assert page(content) == written


def test_names_cannot_become_markup_anywhere(content):
    study = dataclasses.replace(
        content.studies[0],
        name=EVIL,
        question=EVIL,
        claims=(EVIL,),
        findings=(Finding(EVIL, "supported", EVIL, Interval(1.0, 0.0, 2.0, 0.95, 3), EVIL),),
        charts=all_kinds(EVIL)[:-1],
        tables=all_kinds(EVIL)[-1:],
        command=EVIL,
        methods=EVIL,
    )
    score = Interval(0.5, 0.4, 0.6, 0.95, 30)
    conclusion = dataclasses.replace(
        content.conclusion,
        headline=EVIL,
        why=EVIL,
        recipe=EVIL,
        sure=EVIL,
        baselines=(Baseline(EVIL, score, score, EVIL),),
        choices=((EVIL, EVIL),),
        effects=(Effect(EVIL, study.findings[0]),),
    )
    methods = dataclasses.replace(content.methods, paragraph=EVIL, facts=((EVIL, EVIL),))
    evil = dataclasses.replace(
        content,
        title=EVIL,
        summary=(EVIL,),
        notes=(EVIL,),
        conclusion=conclusion,
        studies=(study,),
        methods=methods,
        command=EVIL,
        left_out=((EVIL, EVIL),),
    )
    own = page(evil)
    reader = read(own[own.index("<body>") + 6 : own.index("</body>")])
    assert "b" not in [tag for tag, _ in reader.tags]
    scripts = [attributes for tag, attributes in reader.tags if tag == "script"]
    assert scripts.count({}) == 1  # the page's own
    assert scripts.count({"type": "application/json"}) == len(scripts) - 1
    assert "alert(1)</script>" not in own


def test_a_page_without_studies_notes_or_baselines(content):
    conclusion = dataclasses.replace(content.conclusion, baselines=())
    bare = dataclasses.replace(content, studies=(), notes=(), conclusion=conclusion)
    assert "What was handled in the data" not in page(bare)


def test_a_claim_without_a_finding_is_not_shown(content):
    study = content.studies[0]
    claims = {claim.text: claim for claim in section(study, page_styles(study.charts)).claims}
    claim = claims["Leaky ReLU removes dead units."]
    assert (claim.verdict, claim.finding, claim.stated) == ("not shown", None, True)


def test_a_finding_that_was_not_stated_is_marked_and_last(content):
    study = content.studies[0]
    prepared = section(study, page_styles(study.charts))
    assert [claim.stated for claim in prepared.claims] == [True] * 4 + [False]
    assert prepared.count("supported") == 2
    assert prepared.count("not shown") == 2


def test_what_mattered_is_told_with_its_study(written):
    part = written[written.index('id="unseen"') : written.index('id="study-1"')]
    assert "After all epochs, sigmoid networks are as accurate as ReLU networks." in part
    assert 'From the study <a href="#study-1">activations</a>' in part
    assert "1 more are not shown either way" in " ".join(part.split())


def test_nothing_that_mattered_is_said_too(content):
    conclusion = dataclasses.replace(content.conclusion, effects=(), unshown=7)
    text = page(dataclasses.replace(content, conclusion=conclusion))
    assert "No claim about such rows is decided; 7 are not" in text


def test_a_report_folds_away_all_but_claims_and_the_first_figure(written, content):
    for number, study in enumerate(content.studies, start=1):
        start = written.index(f'<section id="study-{number}"')
        part = written[start : written.index("</section>", start)]
        fold = part.index(f'<details class="more" id="study-{number}-more">')
        opened, folded = part[:fold], part[fold:]
        assert all(html.escape(claim, quote=False) in opened for claim in study.claims)
        assert opened.count('<figure class="chart">') == 1
        assert folded.count('<figure class="chart">') == len(study.charts) - 1
        assert folded.count('<figure class="table">') == len(study.tables)
        assert "How it was done" in folded
        assert "Command that reproduces this study" in folded


def test_a_fold_says_what_is_inside(content):
    study = content.studies[0]
    chart, table = study.charts[0], Table("t", "c", ("a",), ((1,),))
    for charts, tables, text in (
        ((chart,) * 5, (table,) * 2, "4 more figures, 2 tables, how it was done, the command"),
        ((chart,) * 2, (table,), "1 more figure, 1 table, how it was done, the command"),
        ((), (), "How it was done, the command"),
    ):
        told = dataclasses.replace(study, charts=charts, tables=tables)
        assert section(told, page_styles(charts)).inside == text


def test_a_fold_without_scripts_is_printed_open_and_its_figures_can_be_linked(written):
    assert ".more::details-content" in written[written.index("@media print") :]
    start = written.index('<details class="more"')
    assert 'id="study-1-figure-2"' in written[start:]
    assert 'id="study-1-table-1"' in written[start:]
    assert written.count('class="open-all"') == 1
    button = written[written.index('class="open-all"') :]
    assert button[: button.index(">")].endswith("hidden")  # nothing to press without a script


def test_a_page_of_one_study_folds_nothing(content):
    alone = page(dataclasses.replace(content, conclusion=None, studies=content.studies[:1]))
    assert '<details class="more"' not in alone
    assert 'class="open-all"' not in alone
    assert "How it was done" in alone


def test_the_adjustment_of_p_values_is_said_once_for_each_study(content):
    score = Interval(0.5, 0.4, 0.6, 0.95, 8)
    findings = tuple(
        Finding(f"Claim {n}.", "supported", "loss", score, p_value=0.03, judged_together=2)
        for n in range(2)
    )
    study = dataclasses.replace(content.studies[0], findings=findings, claims=())
    text = page(dataclasses.replace(content, studies=(study,)))
    assert text.count("n = 8, p = 0.03)") == 2
    assert text.count("adjustment for 2 claims") == 1


def test_studies_left_out_are_listed_with_the_reason(written, content):
    assert "<dt>multitask</dt><dd>The table has one target, and the study needs two" in written
    assert 'id="left-out"' not in page(dataclasses.replace(content, left_out=()))


def test_choices_name_the_study_that_made_them(written):
    assert '<dt><a href="#study-2">dropout</a></dt><dd>dropout = 0.3</dd>' in written


def test_the_page_can_be_used_by_keys_alone(written):
    reader = read(written[written.index("<body>") + 6 : written.index("</body>")])
    assert reader.tags[[tag for tag, _ in reader.tags].index("a")][1]["class"] == "skip"
    for tag, attrs in reader.tags:
        assert "onclick" not in attrs
        assert int(attrs.get("tabindex", "0")) <= 0
        if tag in ("section", "nav"):
            assert f'id="{attrs["aria-labelledby"]}"' in written


def test_headings_go_down_one_level_at_a_time(written):
    levels = [int(level) for level in re.findall(r"<h([1-6])", written)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_ids_are_there_once(written):
    ids = re.findall(r' id="([^"]+)"', written)
    assert len(ids) == len(set(ids))


def test_importing_the_report_loads_nothing_heavy():
    code = (
        "import sys, levelset.report;"
        "print(sorted({'plotly', 'jinja2', 'sklearn', 'contourpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_fragment_alone_is_drawn_in_colors_of_its_own():
    assert draw(all_kinds("alone")[0]).startswith('<figure class="chart">')


def test_a_page_of_one_study_asks_its_question_once_in_large_type(content):
    alone = dataclasses.replace(content, conclusion=None, studies=content.studies[:1])
    text = page(alone)
    assert f"<h1>{content.studies[0].question}</h1>" in text
    assert text.count(f">{content.studies[0].question}</h") == 1
    assert "Is a network worth it here?" not in text


def test_a_page_without_a_conclusion_or_a_study(content):
    assert "<h1>" in page(dataclasses.replace(content, conclusion=None, studies=()))
