import csv
import dataclasses
import io
import json

import numpy as np
import pytest

from levelset.report import report_json, report_tables
from levelset.report.exports import table_csv
from levelset.studies.charts import Table
from tests.report.kinds import EVIL, all_kinds


def test_json_holds_everything(content):
    data = json.loads(report_json(content))
    assert data["levelset"] == "report"
    assert data["conclusion"]["headline"] == content.conclusion.headline
    assert len(data["studies"]) == len(content.studies)
    finding = data["studies"][0]["findings"][0]
    assert (finding["verdict"], finding["interval"]["low"]) == ("supported", 29.7)
    assert data["left_out"][0][0] == "multitask"
    assert data["methods"]["facts"][0] == ["Seed", "0"]
    assert data["command"] == content.command


def test_json_holds_the_arrays_of_every_chart(content):
    charts = json.loads(report_json(content))["studies"][0]["charts"]
    curve = content.studies[0].charts[0].curves[0]
    assert charts[0]["kind"] == "CurveChart"
    assert charts[0]["curves"][0]["replicates"] == [
        pytest.approx(row, rel=1e-4) for row in curve.replicates.tolist()
    ]


@pytest.mark.parametrize("kind", range(7))
def test_json_says_which_chart_it_is(kind, content):
    chart = all_kinds(EVIL)[kind]
    study = dataclasses.replace(content.studies[0], charts=(chart,))
    data = json.loads(report_json(dataclasses.replace(content, studies=(study,))))
    assert data["studies"][0]["charts"][0]["kind"] == type(chart).__name__
    assert data["studies"][0]["charts"][0]["title"] == EVIL


def test_json_holds_planes_thinned_and_numbers_short(content):
    chart = all_kinds("plane")[2]
    grid, many = np.linspace(0.0, 1.0, 70), 400
    first = np.add.outer(grid, grid) / 2
    panel = dataclasses.replace(
        chart.panels[0],
        x=grid,
        y=grid,
        probabilities=np.stack([first, 1 - first], axis=-1),
        points=np.full((many, 2), 1 / 3),
        labels=np.zeros(many, dtype=np.int64),
    )
    chart = dataclasses.replace(chart, panels=(panel,))
    study = dataclasses.replace(content.studies[0], charts=(chart,))
    data = json.loads(report_json(dataclasses.replace(content, studies=(study,))))
    thin = data["studies"][0]["charts"][0]["panels"][0]
    assert (len(thin["x"]), len(thin["y"]), len(thin["points"])) == (31, 31, 300)
    assert np.shape(thin["probabilities"]) == (31, 31, 2)
    assert (thin["x"][0], thin["x"][-1]) == (0, 1)
    at = np.add.outer(thin["y"], thin["x"]) / 2
    assert np.abs(np.array(thin["probabilities"])[..., 0] - at).max() <= 0.0006
    assert thin["points"][0] == [0.333333, 0.333333]


def test_what_is_not_finite_becomes_null(content):
    row = ("a", float("nan"), float("inf"), np.float64(1.5))
    study = dataclasses.replace(
        content.studies[0], charts=(), tables=(Table("t", "c", ("a", "b", "c", "d"), (row,)),)
    )
    data = json.loads(report_json(dataclasses.replace(content, studies=(study,))))
    assert data["studies"][0]["tables"][0]["rows"] == [["a", None, None, 1.5]]


def test_a_study_alone_says_so(content):
    assert json.loads(report_json(dataclasses.replace(content, conclusion=None)))["levelset"] == (
        "study"
    )


def test_every_table_and_figure_is_a_file(content):
    files = report_tables(content)
    assert list(files)[:3] == [
        *("findings.csv", "baselines.csv", "activations-activations-after-100-epochs.csv")
    ]
    charts = sum(len(study.charts) for study in content.studies)
    assert len(files) == 2 + 1 + charts
    rows = list(csv.DictReader(io.StringIO(files["findings.csv"])))
    assert rows[0]["study"] == "activations"
    assert float(rows[0]["estimate"]) == 38.4


def test_tables_of_one_name_do_not_replace_each_other(content):
    table = Table("Same / name", "c", ("a",), ((1,),))
    study = dataclasses.replace(content.studies[0], charts=(), tables=(table, table, table))
    files = report_tables(dataclasses.replace(content, studies=(study,)))
    assert [name for name in files if "same" in name] == [
        *("activations-same-name.csv", "activations-same-name~2.csv"),
        "activations-same-name~3.csv",
    ]


def test_file_names_cannot_leave_their_folder(content):
    table = Table("../../etc/passwd", "c", ("a",), ((1,),))
    study = dataclasses.replace(content.studies[0], charts=(), tables=(table,))
    names = list(report_tables(dataclasses.replace(content, studies=(study,))))
    assert not [name for name in names if "/" in name or name.startswith(".")]


def test_csv_keeps_numbers_in_full_and_names_as_they_are():
    text = table_csv(Table("t", "c", (EVIL, "n"), ((EVIL, 1 / 3), ("b", float("nan")))))
    rows = list(csv.reader(io.StringIO(text)))
    assert rows == [[EVIL, "n"], [EVIL, str(1 / 3)], ["b", ""]]
