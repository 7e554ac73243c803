"""What the double-descent study wants drawn."""

import numpy as np

from levelset.studies.charts import Curve, CurveChart, SurfaceChart, SurfacePanel
from levelset.studies.questions.double_descent.descents import Descents
from levelset.studies.questions.double_descent.peaks import peak_of


def error_chart(found: Descents) -> CurveChart:
    """Training and test error against width, at the last epoch."""
    return CurveChart(
        title="Error against width, at the last epoch",
        caption=(
            "Double descent is a test error that falls, rises towards the narrowest network that "
            "fits all its training rows, and falls again past it "
            f"(n = {len(found.error)} replicates)."
        ),
        x_label="Units of a hidden layer",
        y_label="Error (share of rows)",
        curves=(
            Curve("Training", found.widths, found.training[:, :, -1], "training"),
            Curve("Test", found.widths, found.error[:, :, -1], "validation"),
        ),
        x_log=True,
    )


def loss_chart(found: Descents) -> CurveChart:
    """Test loss against width, at the last epoch and at the best of the mean curve."""
    best = found.loss.mean(axis=0).argmin(axis=-1)
    stopped = np.take_along_axis(found.loss, best[np.newaxis, :, np.newaxis], axis=-1)[..., 0]
    return CurveChart(
        title="Test log loss against width",
        caption=(
            "At the last epoch, and at the epoch that is best for each width on average (in "
            "hindsight): a network that is stopped in time has little or no peak "
            f"(n = {len(found.loss)} replicates)."
        ),
        x_label="Units of a hidden layer",
        y_label="Test loss (nats)",
        curves=(
            Curve("Last epoch", found.widths, found.loss[:, :, -1], "validation"),
            Curve("Stopped in time", found.widths, stopped, "reference"),
        ),
        x_log=True,
        y_log=True,
    )


def epoch_chart(found: Descents) -> CurveChart:
    """Test error over epochs of a narrow network, of that at the peak and of the widest."""
    valley, peak = peak_of(found.error[:, :, -1].mean(axis=0))
    epochs, error = found.over_epochs(found.error)
    places = {"before the peak": valley, "at the peak": peak, "the widest": len(found.widths) - 1}
    return CurveChart(
        title="Test error over epochs",
        caption=(
            "A second descent over epochs is a curve that falls, rises and falls again "
            f"(n = {len(found.error)} replicates; epochs are averaged in groups)."
        ),
        x_label="Epoch",
        y_label="Test error (share of rows)",
        curves=tuple(
            Curve(
                f"{found.widths[place]} units, {words}",
                epochs,
                error[:, place],
                f"width={found.widths[place]}",
            )
            for words, place in places.items()
        ),
        x_log=True,
    )


def surface_chart(found: Descents) -> SurfaceChart:
    """Mean test loss over epochs and widths."""
    epochs, loss = found.over_epochs(found.loss)
    panel = SurfacePanel(
        "every width",
        np.log2(epochs),
        np.log2(found.widths.astype(np.float64)),
        loss.mean(axis=0),
    )
    return SurfaceChart(
        title="Test log loss over epochs and widths",
        caption=(
            "Upward at the right edge is the descent over widths, to the right along the top that "
            f"over epochs. Means over {len(found.loss)} replicates."
        ),
        x_label="log2 of the epoch",
        y_label="log2 of the units of a hidden layer",
        z_label="Test loss (nats)",
        panels=(panel,),
        z_log=True,
    )
