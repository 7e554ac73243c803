"""A report on made-up numbers, with every kind of chart and the difficult cases of each."""

import numpy as np

from levelset.report import Baseline, Conclusion, Effect, Methods, ReportContent
from levelset.seeds import stream
from levelset.studies.charts import (
    Cloud,
    Curve,
    CurveChart,
    IntervalChart,
    PlaneChart,
    PlaneSlider,
    PlaneSliderRow,
    Point,
    ScatterChart,
    SimplexChart,
    SurfaceChart,
    Table,
)
from levelset.studies.finding import Finding, StudyResult
from levelset.theory.statistics import Interval, mean_interval, wilson_interval
from tests.report.pieces import CLASSES, beliefs, bowl, falling, plane_panel


def activations_study():
    """Two claims with evidence, one without, one found afterwards."""
    curves = (
        falling("ReLU", "relu", 1.1, 0.08, 0.09),
        falling("tanh", "tanh", 1.1, 0.09, 0.06),
        falling("sigmoid", "sigmoid", 1.15, 0.2, 0.022),
        falling("identity", "identity", 1.0, 0.31, 0.1),
    )
    stopped = falling("stops early", "validation", 1.0, 0.2, 0.1)
    for row, epoch in enumerate((60, 64, 70, 75, 80, 82, 90, 90)):
        stopped.replicates[row, epoch:] = np.nan
    generator = stream(0, "gradients")
    layers = np.arange(1.0, 9.0)
    gradients = tuple(
        Curve(name, layers, base ** (8 - layers) * np.exp(generator.normal(0, 0.6, (8, 8))), key)
        for name, key, base in (("ReLU", "relu", 0.85), ("sigmoid", "sigmoid", 0.12))
    )
    interval = mean_interval(np.array([4.1, 2.0, 3.3, 5.2, 3.9, 2.2, 4.4, 3.1]))
    return StudyResult(
        name="activations",
        question="Sigmoid or ReLU: which hidden activation learns faster and ends better?",
        claims=(
            "ReLU networks reach the target loss in fewer epochs than sigmoid networks.",
            "After all epochs, sigmoid networks are as accurate as ReLU networks.",
            "tanh networks have fewer saturated units than sigmoid networks.",
            "Leaky ReLU removes dead units.",
        ),
        findings=(
            Finding(
                "ReLU networks reach the target loss in fewer epochs than sigmoid networks.",
                "supported",
                "Epochs to a training loss of 0.3, sigmoid minus ReLU",
                Interval(38.4, 29.7, 47.1, 0.95, 8),
            ),
            Finding(
                "After all epochs, sigmoid networks are as accurate as ReLU networks.",
                "refuted",
                "Validation accuracy, ReLU minus sigmoid (percentage points)",
                interval,
                "The same eight splits and seeds for both, corrected for shared rows.",
                "accuracy",
            ),
            Finding(
                "tanh networks have fewer saturated units than sigmoid networks.",
                "not shown",
                "Share of saturated units, sigmoid minus tanh",
                Interval(0.012, -0.008, 0.032, 0.95, 8),
            ),
            Finding(
                "The first layer's gradient is smaller than the last's in sigmoid networks.",
                "supported",
                "First-layer over last-layer gradient norm",
                Interval(3.2e-7, 1.1e-7, 5.3e-7, 0.95, 8),
            ),
        ),
        charts=(
            CurveChart(
                "Training loss by activation",
                "ReLU and tanh fall together; sigmoid needs three times as many epochs (n = 8).",
                "Epoch",
                "Training loss (nats)",
                curves,
            ),
            CurveChart(
                "Gradient norm by layer",
                "The sigmoid network's gradient shrinks about eightfold with each layer (n = 8).",
                "Layer, counted from the input",
                "Gradient norm",
                gradients,
                y_log=True,
            ),
            CurveChart(
                "Validation loss with early stopping",
                "Members stop between epochs 60 and 90 (n = 8).",
                "Epoch",
                "Validation loss (nats)",
                (stopped, falling("one run only", "training", 1.0, 0.1, 0.05, replicates=1)),
                x_log=True,
            ),
        ),
        tables=(
            Table(
                "Activations after 100 epochs",
                "Means over 8 replicates.",
                ("activation", "validation accuracy", "dead units", "gradient norm", "epochs"),
                (
                    ("ReLU", 0.9583, 0.041, 0.0213, 37),
                    ("tanh", 0.9542, 0.0, 0.0188, 52),
                    ("sigmoid", 0.9208, 0.0, 3.2e-7, 98),
                    ("identity", 0.8667, float("nan"), 0.0341, 21),
                ),
            ),
        ),
        command="levelset study activations iris --budget standard --seed 0",
        methods="Eight stratified splits, 90 training and 30 validation rows each; one hidden "
        "layer of 64 units, Adam, learning rate 0.001, 100 epochs. Initial weights are paired.",
        wall_seconds=8.42,
    )


def dropout_study():
    """A family of settings along a ramp, and a forest plot with long names."""
    rates = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7)
    points = (
        ("dropout 0.3", 0.0108, 0.0021, 0.0195, "dropout=0.3"),
        ("dropout 0.5", 0.0042, -0.0071, 0.0155, "dropout=0.5"),
        (
            "L2 penalty, λ = 0.001, on every weight matrix but the last",
            0.0061,
            -0.0012,
            0.0134,
            "a",
        ),
        ("early stopping, patience 10", 0.0, 0.0, 0.0, "b"),
        ("input noise, standard deviation 0.1", -0.0133, -0.0301, 0.0035, "c"),
        ("transfer", float("nan"), float("nan"), float("nan"), "d"),
    )
    return StudyResult(
        name="dropout",
        question="Does dropout help on this table?",
        claims=("Dropout at 0.3 lowers the validation loss.",),
        findings=(
            Finding(
                "Dropout at 0.3 lowers the validation loss.",
                "not shown",
                "Validation loss, 0 minus 0.3 (nats)",
                Interval(0.011, -0.004, 0.026, 0.95, 10),
            ),
        ),
        charts=(
            CurveChart(
                "Validation loss by dropout rate",
                "Higher rates converge later and end no lower (n = 10).",
                "Epoch",
                "Validation loss (nats)",
                tuple(
                    falling(
                        f"{rate:g}", f"dropout={rate:g}", 1.1, 0.1 + rate**2 / 3, 0.1 - 0.1 * rate
                    )
                    for rate in rates
                ),
                band="median and quartiles",
            ),
            IntervalChart(
                "Change in validation accuracy against no remedy",
                "Only dropout at 0.3 is clear of zero (95 % intervals, n = 10 paired seeds).",
                "Change in validation accuracy",
                tuple(Point(*point) for point in points),
                reference=0.0,
            ),
            CurveChart(
                "Validation loss by remedy",
                "Twelve remedies on one set of axes (n = 8).",
                "Epoch",
                "Validation loss (nats)",
                tuple(
                    falling(f"remedy number {n} of 12", f"remedy {n}", 1.1, 0.1 + n / 40, 0.06)
                    for n in range(12)
                ),
                y_log=True,
            ),
        ),
        tables=(),
        command="levelset study dropout iris --budget standard --seed 0",
        methods="Ten paired seeds on one split.",
        wall_seconds=75.0,
    )


def plane_study():
    """Level sets in one, two and six panels."""
    titles = ("identity", "sigmoid", "ReLU", "λ = 0.0001", "λ = 0.01", "λ = 1")
    six = tuple(plane_panel(title, bend / 3) for bend, title in enumerate(titles))
    return StudyResult(
        name="level-sets",
        question="Where is the boundary, and what moved it?",
        claims=("A penalty straightens the boundary.",),
        findings=(),
        charts=(
            PlaneChart(
                "Level sets by activation and penalty",
                "The borders of the linear network are straight.",
                "petal length (standard deviations)",
                "petal width (standard deviations)",
                six,
                CLASSES,
            ),
            PlaneChart(
                "Level sets of the chosen network",
                "Three rows of versicolor lie on the other side.",
                "petal length (standard deviations)",
                "petal width (standard deviations)",
                (plane_panel("chosen recipe", 1.0),),
                CLASSES,
            ),
        ),
        tables=(),
        command="levelset study level-sets iris --x 'petal length' --y 'petal width'",
        methods="Probabilities on a grid of 90 by 80 points; other features at their means.",
        wall_seconds=0.61,
    )


def landscape_study():
    """Points, surfaces, triangles and a slider."""
    generator = stream(0, "scatter")
    clouds = tuple(
        Cloud(
            name,
            np.exp(generator.normal(size=30)),
            np.exp(generator.normal(shift, 0.3, size=30)),
            key,
            tuple(f"{name}, seed {seed}" for seed in range(30)),
        )
        for name, key, shift in (("SGD", "sgd", -1.0), ("sharpness-aware", "sam", -1.6))
    )
    steps = ("before training", "epoch 1", "epoch 5", "epoch 20", "epoch 100")
    rows = tuple(
        PlaneSliderRow(
            name,
            tuple(plane_panel(step, bend * at / 4, 0.3) for at, step in enumerate(steps)),
        )
        for name, bend in (("sigmoid", 0.5), ("ReLU", 2.0))
    )
    return StudyResult(
        name="sharpness",
        question="Are the minima of regularized networks wider?",
        claims=("Sharpness-aware steps end in wider minima.",),
        findings=(),
        charts=(
            ScatterChart(
                "Gap against sharpness",
                "Sharper minima have the larger gap (n = 60 networks).",
                "Largest eigenvalue of the Hessian",
                "Test loss minus training loss (nats)",
                clouds,
                x_log=True,
                y_log=True,
            ),
            SurfaceChart(
                "Loss around the minimum",
                "The regularized network's bowl is wider.",
                "first direction",
                "second direction",
                "Training loss (nats)",
                (bowl("no penalty", 0.5), bowl("λ = 0.001", 1.2)),
                z_log=True,
            ),
            SimplexChart(
                "What the network believes",
                "Cooling pushes rows into the corners (n = 150).",
                (beliefs("T = 0.5", 0.5), beliefs("T = 1", 1.0), beliefs("T = 3", 3.0)),
                CLASSES,
            ),
            PlaneSlider(
                "Level sets over training",
                "ReLU bends its borders, sigmoid hardly does.",
                "petal length (standard deviations)",
                "petal width (standard deviations)",
                rows,
                steps,
                CLASSES,
            ),
            PlaneSlider(
                "Level sets of one network",
                "They bend.",
                "petal length (standard deviations)",
                "petal width (standard deviations)",
                rows[1:],
                steps,
                CLASSES,
            ),
        ),
        tables=(),
        command="levelset study sharpness iris",
        methods="Power iteration.",
        wall_seconds=3.0,
    )


def example_content():
    """Assemble the whole report."""
    scores = (
        ("Majority class", "majority", 10, Interval(1.0986, 1.0986, 1.0986, 0.95, 30)),
        ("Logistic regression", "logistic", 28, Interval(0.141, 0.082, 0.213, 0.95, 30)),
        ("Gradient boosting", "boosting", 27, Interval(0.181, 0.102, 0.293, 0.95, 30)),
        ("Multilayer perceptron", "mlp", 29, Interval(0.094, 0.051, 0.148, 0.95, 30)),
    )
    return ReportContent(
        title="iris",
        summary=(
            "150 rows, 4 numeric columns and 3 classes of 50 rows each; the target is species.",
        ),
        notes=(
            "1 row appears twice and was kept once.",
            "Numeric columns were scaled by the mean and standard deviation of the training rows.",
        ),
        conclusion=Conclusion(
            headline="A small network predicts species well, but no better than logistic "
            "regression can be shown to do here.",
            why="On 30 held-out rows the network is right 29 times and logistic regression 28. "
            "The paired difference in log loss is 0.047 nats in the network's favor, and its "
            "interval includes zero. With so few rows, choose the simpler model.",
            sure="The closest of the others is logistic regression. The 95 % interval of the "
            "difference from it holds 0; on 30 test rows it is 0.06 nats wide to "
            "each side, so that a smaller difference could not have been shown.",
            baselines=tuple(
                Baseline(name, wilson_interval(right, 30), loss, key)
                for name, key, right, loss in scores
            ),
            recipe="hidden = (64,)\nactivation = relu\ninitializer = he_uniform\n"
            "optimizer = adam, learning rate 0.001\nbatch size = 32\nepochs = 100, patience 10\n"
            "l2 = 0.001\ndropout = 0.3",
            choices=(("activations", "activation = relu"), ("dropout", "dropout = 0.3")),
            effects=tuple(
                Effect("activations", finding)
                for finding in activations_study().findings
                if finding.subject != "mechanism"
            ),
            unshown=1,
        ),
        studies=(activations_study(), dropout_study(), plane_study(), landscape_study()),
        methods=Methods(
            paragraph="Rows were split 60 : 20 : 20 into training, validation and test, stratified "
            "by class. The recipe was chosen on validation rows alone; test rows were used once.",
            facts=(
                ("Seed", "0"),
                ("Data", "sha256 9f6cb4f8a15c2d1e7b3f5a60c1d2e3f4a5b6c7d8e9f00112233445566778899a"),
                ("Versions", "levelset 0.1.0, NumPy 2.4.6, SciPy 1.17.0, Python 3.11.9"),
                ("Hardware", "2 cores, AVX2, Linux x86-64"),
            ),
            wall_seconds=84.1,
        ),
        command="levelset report iris --budget standard --seed 0 --output levelset-iris.html",
        left_out=(
            ("multitask", "The table has one target, and the study needs two or more."),
            ("transfer", "A class has 12 rows, and the study needs 20 of each."),
        ),
    )
