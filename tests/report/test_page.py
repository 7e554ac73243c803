import dataclasses
import re
import subprocess
import sys

import pytest

from levelset.report import Baseline, draw, page
from levelset.report.figures import page_styles
from levelset.report.page import baseline_charts, baseline_table, section
from levelset.studies.finding import Finding
from levelset.theory.statistics import Interval
from tests.report.examples import EVIL, all_kinds, example_content, read


@pytest.fixture(scope="module")
def written():
    return page(example_content())


def test_the_page_is_one_file_below_six_megabytes(written):
    assert len(written.encode()) < 6_000_000
    own = written.replace(plotly_script(), "")
    assert not re.search(r'(src|href)="(?!#|data:)', own)
    assert not re.search(r"https?://", own)
    assert "@import" not in own


def plotly_script():
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def test_plotly_is_there_once(written):
    assert written.count(plotly_script()) == 1


def test_the_verdict_comes_first(written):
    places = [
        written.index(text)
        for text in (
            "<h1>A small network predicts",
            "Beside simpler classifiers",
            "Accuracy on held-out rows",
            "Sigmoid or ReLU: which hidden activation learns faster and ends better?</h2>",
            "Reproduce this page",
        )
    ]
    assert places == sorted(places)


def test_every_section_can_be_reached_from_the_contents(written):
    targets = re.findall(r'<a href="#([^"]+)"', written)
    assert len(targets) == 5
    assert all(f'id="{target}"' in written for target in targets)


def test_verdicts_are_told_by_words_and_shapes(written):
    own = written.replace(plotly_script(), "")
    badges = re.findall(r'<span class="badge ([a-z-]+)">(.*?)</span>', own, flags=re.S)
    kinds = {kind: re.sub(r"<.*?>", "", inside).strip() for kind, inside in badges}
    assert kinds == {"supported": "Supported", "refuted": "Refuted", "not-shown": "Not shown"}
    shapes = {kind: re.findall(r"<(?:path|circle).*?>", inside)[0] for kind, inside in badges}
    assert len(set(shapes.values())) == 3


def test_effects_have_their_interval_level_and_n(written):
    assert "38.4 [29.7, 47.1]" in written
    assert re.search(r"\(95 % interval, n = 8\)", written)


def test_commands_and_methods_are_printed(written, content):
    text = re.sub(r"<.*?>", "", written.replace(plotly_script(), ""))
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
        charts=all_kinds(EVIL)[:3],
        tables=all_kinds(EVIL)[3:],
        command=EVIL,
        methods=EVIL,
    )
    score = Interval(0.5, 0.4, 0.6, 0.95, 30)
    conclusion = dataclasses.replace(
        content.conclusion,
        headline=EVIL,
        why=EVIL,
        recipe=EVIL,
        baselines=(Baseline(EVIL, score, score, EVIL),),
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
    )
    own = page(evil).replace(plotly_script(), "")
    reader = read(own[own.index("<body>") : own.index("</body>")] + "</body>")
    assert "b" not in [tag for tag, _ in reader.tags]
    scripts = [attributes for tag, attributes in reader.tags if tag == "script"]
    assert scripts.count({}) == 2  # plotly's and the page's own
    assert scripts.count({"type": "application/json"}) == len(scripts) - 2
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


def test_baselines_have_common_decimals_and_n(content):
    rows = baseline_table(content.conclusion.baselines).rows
    assert rows[0] == ("Majority class", "0.333 [0.192, 0.512]", "1.099 [1.099, 1.099]", 30)


def test_differing_n_are_both_given():
    one, two = Interval(0.5, 0.4, 0.6, 0.95, 30), Interval(0.5, 0.4, 0.6, 0.95, 29)
    assert baseline_table((Baseline("a", one, two, "a"),)).rows[0][3] == "30 / 29"


def test_baselines_are_drawn_by_accuracy_and_by_loss(content):
    charts = baseline_charts(content.conclusion.baselines)
    assert [chart.points[2].estimate for chart in charts] == [pytest.approx(29 / 30), 0.094]
    assert "n = 30" in charts[0].caption
    assert baseline_charts(()) == ()


def test_importing_the_report_does_not_import_plotly_or_jinja():
    code = (
        "import sys, levelset.report;"
        "print(sorted({'plotly', 'jinja2', 'sklearn', 'pandas'} & set(sys.modules)))"
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
