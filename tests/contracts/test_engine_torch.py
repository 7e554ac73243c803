"""Training takes PyTorch's steps, and its gradients are those of autograd."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from levelset.engine import Recipe
from tests.reference import philox
from tests.reference.features import (
    BATCH,
    CLASSES,
    FEATURES,
    LAYER,
    ROWS,
    SAM,
    SAMPLE_WEIGHT,
    SGD,
    SOME_TARGETS,
    THREE,
    X,
    Y,
    make_recipe,
)
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import make_network, targets_of
from tests.reference.torch_training import Loss, TorchNetwork, TorchTraining, heads_loss
from tests.reference.trained import SEED, Trained, assert_same_arrays, parameters

WIDE: dict = {"hidden": (FEATURES, 17, 17), "residual": True}
FIELDS: dict[str, dict] = {
    "adamw": {"optimizer": "adamw", "weight_decay": 0.7},
    "adamw with a penalty": {"optimizer": "adamw", "weight_decay": 0.7, "l2": 0.3},
    "clipping": {"gradient_clip": 0.2},
    "clipping with adamw": {"gradient_clip": 0.2, "optimizer": "adamw", "weight_decay": 0.7},
    "clipping with sgd": SGD | {"gradient_clip": 0.2},
    "step": SGD | {"schedule": "step", "drop_epochs": 2, "drop_factor": 0.3},
    "cosine": SGD | {"schedule": "cosine"},
    "one_cycle": SGD | {"schedule": "one_cycle"},
    "one_cycle with adamw": {"schedule": "one_cycle", "optimizer": "adamw", "weight_decay": 0.7},
    "label smoothing": {"label_smoothing": 0.2},
    "residual": WIDE,
    "batch normalization": BATCH,
    "batch normalization with sgd": BATCH | SGD,
    "batch normalization and residual": BATCH | WIDE,
    "layer normalization": LAYER,
    "layer normalization and residual": LAYER | WIDE,
    "sam": SAM,
    "sam with sgd": SAM | SGD,
    "sam with clipping": SAM | {"gradient_clip": 0.2},
    "sam with batch normalization": SAM | BATCH,
    "sam with layer normalization": SAM | LAYER,
    "heads": THREE,
    "heads and label smoothing": THREE | {"label_smoothing": 0.2},
    "heads, batch normalization, residual, sam": THREE | BATCH | WIDE | SAM,
}


def assert_same_training(trained: Trained, twin: TorchTraining) -> None:
    after = trained.after
    assert_same_arrays(parameters(after), twin.parameters, rtol=1e-10)
    if trained.recipe.normalization == "batch":
        running = [*after.running_means, *after.running_variances]
        assert_same_arrays(running, twin.running, rtol=1e-10)


def whole_table(**fields: object) -> Recipe:
    """A recipe for which an epoch is a step."""
    return make_recipe(**({"batch_size": ROWS, "epochs": 5} | fields))


@every_instruction_set
class TestSteps:
    @pytest.mark.parametrize("epochs", [5, 12])
    @pytest.mark.parametrize("name", FIELDS)
    def test_of_whole_tables(self, name: str, epochs: int, instruction_set: str) -> None:
        recipe = whole_table(epochs=epochs, **FIELDS[name])
        y = SOME_TARGETS if "heads" in FIELDS[name] else Y
        trained = Trained(recipe, instruction_set, y=y)
        loss = heads_loss(targets_of(trained.before, y), recipe.label_smoothing)
        twin = TorchTraining(recipe, trained.before, X, loss)
        assert_same_training(trained, twin.run())

    def test_class_weights(self, instruction_set: str) -> None:
        recipe = whole_table(class_weight="balanced")
        trained = Trained(recipe, instruction_set)
        weight = torch.tensor(ROWS / (CLASSES * np.bincount(Y)))

        def loss(logits: torch.Tensor) -> torch.Tensor:
            return functional.cross_entropy(logits, torch.tensor(Y), weight)

        assert_same_training(trained, TorchTraining(recipe, trained.before, X, loss).run())

    def test_sample_weights(self, instruction_set: str) -> None:
        recipe = whole_table()
        trained = Trained(recipe, instruction_set, sample_weight=SAMPLE_WEIGHT)
        weight = torch.tensor(SAMPLE_WEIGHT)

        def loss(logits: torch.Tensor) -> torch.Tensor:
            each = functional.cross_entropy(logits, torch.tensor(Y), reduction="none")
            return (weight * each).sum() / weight.sum()

        assert_same_training(trained, TorchTraining(recipe, trained.before, X, loss).run())

    @pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
    @pytest.mark.parametrize("fields", [{}, BATCH | SAM, {"label_smoothing": 0.1}], ids=str)
    def test_of_mixed_rows(self, fields: dict, alpha: float, instruction_set: str) -> None:
        recipe = whole_table(mixup=alpha, **fields)
        trained = Trained(recipe, instruction_set)

        def mixed(epoch: int, x: torch.Tensor, _: Loss) -> tuple[torch.Tensor, Loss]:
            """Zhang et al. (2018), figure 1: the loss of both labels, by their shares."""
            order = philox.batch_order(SEED, epoch, ROWS)
            partners = philox.mixing_partners(SEED, epoch, 0, ROWS)
            share = philox.mixing_share(SEED, epoch, 0, alpha)
            rows, labels = x[order], torch.tensor(Y[order])

            def loss(logits: torch.Tensor) -> torch.Tensor:
                own, other = (
                    functional.cross_entropy(
                        logits, labels[which], label_smoothing=recipe.label_smoothing
                    )
                    for which in (range(ROWS), partners)
                )
                return share * own + (1 - share) * other

            return share * rows + (1 - share) * rows[partners], loss

        twin = TorchTraining(recipe, trained.before, X, lambda logits: logits.sum(), mixed)
        assert_same_training(trained, twin.run())


@every_instruction_set
@pytest.mark.parametrize("hidden", [(), (1,), (FEATURES, 17, 17), (70, 3)], ids=str)
@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("normalization", ["none", "batch", "layer"])
class TestGradients:
    """Of networks with drawn scales, shifts and statistics, by autograd."""

    def check(self, fields: dict, instruction_set: str, **rest: object) -> None:
        recipe = Recipe(activation="silu", l2=0.01, label_smoothing=0.1, **fields)
        heads = rest.get("head_columns", ())
        y = SOME_TARGETS if heads else Y
        network = make_network(recipe, FEATURES, sum(heads) or CLASSES, instruction_set, **rest)
        loss = heads_loss(targets_of(network, y), recipe.label_smoothing)
        twin = TorchNetwork(network)
        penalty = recipe.l2 * sum((weight**2).sum() for weight in twin.weights)
        objective = loss(twin(torch.tensor(X))) + penalty
        objective.backward()
        value, gradient = network.objective_and_gradient(X, y)
        assert value == pytest.approx(objective.item(), rel=1e-12)
        slopes = [
            torch.zeros_like(array) if array.grad is None else array.grad for array in twin.learned
        ]
        given = [array for group in gradient for array in group]
        # A batch-normalized layer of one unit has next to no gradient below it: relative to all.
        largest = max(float(slope.abs().max()) for slope in slopes)
        for mine, theirs in zip(given, twin.in_engines_layout(slopes), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-12 * largest)

    def test_of_one_head(
        self, normalization: str, residual: bool, hidden: tuple[int, ...], instruction_set: str
    ) -> None:
        fields = {"normalization": normalization, "residual": residual, "hidden": hidden}
        self.check(fields, instruction_set)

    def test_of_heads_with_missing_targets(
        self, normalization: str, residual: bool, hidden: tuple[int, ...], instruction_set: str
    ) -> None:
        fields = {"normalization": normalization, "residual": residual, "hidden": hidden}
        self.check(fields | THREE, instruction_set, head_columns=(3, 3, 1))
