import numpy as np

from levelset.studies.questions.dropout.charts import average_chart, thinned_table
from levelset.studies.questions.dropout.thinned import SIZES, ThinnedComparison


def comparison(start):
    def pair(number):
        return np.array([start + number, start + number + 1.0])

    return ThinnedComparison(
        scaled_distance=pair(0),
        geometric_distance=pair(1),
        agreement=pair(2),
        single_distance=pair(3),
        scaled_loss=pair(4),
        single_loss=pair(5),
        averaged_loss=np.full((2, len(SIZES)), start),
    )


def test_scaled_weights_are_a_level_line_beside_the_averages():
    drawn = {"0.3": comparison(1.0), "other": comparison(5.0)}
    average, level = average_chart(drawn, ["0.3"]).curves
    assert average.color_key == "dropout=0.3"
    np.testing.assert_array_equal(average.x, SIZES)
    np.testing.assert_array_equal(average.replicates, drawn["0.3"].averaged_loss)
    mean = drawn["0.3"].scaled_loss.mean()
    np.testing.assert_array_equal(level.replicates, np.full((1, len(SIZES)), mean))


def test_the_table_has_a_row_for_everything_drawn():
    drawn = {"0.3": comparison(1.0), "other": comparison(5.0)}
    table = thinned_table(drawn)
    assert [row[0] for row in table.rows] == ["0.3", "other"]
    assert table.rows[1][1:3] == (5.5, 6.5)
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert "2 replicates" in table.caption
