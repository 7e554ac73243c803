"""The chart and the table of networks with scaled weights beside thinned ones."""

from collections.abc import Mapping, Sequence

import numpy as np

from levelset.studies.charts import Curve, CurveChart, Table
from levelset.studies.questions.dropout.thinned import SIZES, ThinnedComparison


def average_chart(drawn: Mapping[str, ThinnedComparison], shares: Sequence[str]) -> CurveChart:
    """Draw the loss of averages of more and more thinned networks, beside scaled weights.

    Args:
        drawn: What was measured, by name.
        shares: Names that are shares of dropped units, of which curves are drawn.
    """
    sizes = np.array(SIZES, dtype=np.float64)
    curves = []
    for share in shares:
        thinned = drawn[share]
        level = np.full((1, len(sizes)), thinned.scaled_loss.mean())
        curves += [
            Curve(f"Average at {share}", sizes, thinned.averaged_loss, f"dropout={share}"),
            Curve(f"Scaled weights at {share}", sizes, level, f"scaled weights at {share}"),
        ]
    return CurveChart(
        title="Averaging thinned networks beside scaling weights",
        caption=(
            "Test log loss of the average of k thinned networks, and of the one network with "
            "scaled weights, which costs one prediction. Scaled weights stand for their geometric "
            "mean, which is surer of itself than the average: which is the better depends on the "
            f"table. Level lines are means (n = {len(drawn[shares[0]].scaled_loss)})."
        ),
        x_label="Thinned networks averaged k",
        y_label="Test loss (nats)",
        curves=tuple(curves),
        x_log=True,
    )


def thinned_table(drawn: Mapping[str, ThinnedComparison]) -> Table:
    """Give one row for each arm of which thinned networks were drawn."""
    n = len(next(iter(drawn.values())).scaled_loss)
    rows = tuple(
        (
            name,
            float(thinned.scaled_distance.mean()),
            float(thinned.geometric_distance.mean()),
            float(thinned.single_distance.mean()),
            float(thinned.agreement.mean()),
            float(thinned.scaled_loss.mean()),
            float(thinned.averaged_loss[:, -1].mean()),
            float(thinned.single_loss.mean()),
        )
        for name, thinned in drawn.items()
    )
    caption = (
        f"Means over {n} replicates. Distances are total variation from the "
        f"average of {SIZES[-1]} thinned networks, or from their normalized geometric mean, which "
        "scaled weights would equal exactly with one hidden layer and all masks. Same class: share "
        "of rows that scaled weights and the average classify alike. Losses are those of test "
        "rows, in nats."
    )
    columns = (
        "dropout",
        "scaled to average",
        "scaled to geometric mean",
        "one to average",
        "same class",
        "scaled loss",
        "average's loss",
        "one's loss",
    )
    return Table("The network with scaled weights beside thinned ones", caption, columns, rows)
