"""Networks and training by PyTorch's own parts: layers, losses, optimizers, schedules."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch.nn import functional
from torch.optim import lr_scheduler

from levelset.engine import Network, Recipe
from tests.reference.targets import Targets
from tests.reference.torch_networks import TORCH_ACTIVATIONS

torch.set_num_threads(1)  # on tables this small, more of them wait for one another

Loss = Callable[[torch.Tensor], torch.Tensor]


class TorchNetwork(torch.nn.Module):
    """A network as `torch.nn` builds it, with the parameters of the engine's."""

    def __init__(self, start: Network) -> None:
        super().__init__()
        recipe = start.recipe
        self.activations = [TORCH_ACTIVATIONS[name] for name in recipe.activations]
        self.residual = recipe.residual
        self.linears = torch.nn.ModuleList(
            torch.nn.Linear(*weight.shape, dtype=torch.float64) for weight in start.weights
        )
        kinds = {"batch": torch.nn.BatchNorm1d, "layer": torch.nn.LayerNorm}
        self.norms = torch.nn.ModuleList(
            kinds[recipe.normalization](len(scale), dtype=torch.float64) for scale in start.scales
        )
        self._copy(self.weights, [weight.T for weight in start.weights])
        self._copy(self.biases, start.biases)
        self._copy([norm.weight for norm in self.norms], start.scales)
        self._copy([norm.bias for norm in self.norms], start.shifts)
        if recipe.normalization == "batch":
            self._copy([norm.running_mean for norm in self.norms], start.running_means)
            self._copy([norm.running_var for norm in self.norms], start.running_variances)
            for bias in self.biases[:-1]:
                bias.requires_grad_(False)  # it has no effect, and its slope is rounding alone

    @staticmethod
    def _copy(tensors: list[torch.Tensor], arrays: list[np.ndarray]) -> None:
        with torch.no_grad():
            for tensor, array in zip(tensors, arrays, strict=True):
                tensor.copy_(torch.tensor(array))

    @property
    def weights(self) -> list[torch.Tensor]:
        return [linear.weight for linear in self.linears]

    @property
    def biases(self) -> list[torch.Tensor]:
        return [linear.bias for linear in self.linears]

    @property
    def learned(self) -> list[torch.Tensor]:
        """Weights, biases, scales, shifts: the order of the engine's arrays."""
        scales, shifts = [norm.weight for norm in self.norms], [norm.bias for norm in self.norms]
        return [*self.weights, *self.biases, *scales, *shifts]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for layer, activation in enumerate(self.activations):
            z = self.linears[layer](x)
            a = activation(self.norms[layer](z) if self.norms else z)
            x = a + x if self.residual and a.shape == x.shape else a
        return self.linears[-1](x)

    def in_engines_layout(self, tensors: list[torch.Tensor]) -> list[np.ndarray]:
        """Arrays as the engine has them: a weight is (i, o) there, and (o, i) here."""
        layers = len(self.linears)
        arrays = [tensor.detach().numpy() for tensor in tensors]
        return [array.T if number < layers else array for number, array in enumerate(arrays)]


def heads_loss(targets: Targets, label_smoothing: float = 0.0) -> Loss:
    """Σ_h α_h times the mean loss of the rows that have a target for head h."""

    def own_loss(name: str, given: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
        if name == "softmax_cross_entropy":
            labels = wanted.argmax(dim=1)
            return functional.cross_entropy(given, labels, label_smoothing=label_smoothing)
        if name == "sigmoid_cross_entropy":
            each = functional.binary_cross_entropy_with_logits(given, wanted, reduction="none")
        else:
            each = functional.mse_loss(given, wanted, reduction="none")
        return each.sum(dim=1).mean()

    def loss(outputs: torch.Tensor) -> torch.Tensor:
        total, first = torch.zeros((), dtype=torch.float64), 0
        for number, head in enumerate(targets.heads):
            rows, columns = targets.present[:, number], slice(first, first + head.width)
            wanted = torch.tensor(targets.values[rows, columns])
            total = total + head.weight * own_loss(head.loss.name, outputs[rows, columns], wanted)
            first += head.width
        return total

    return loss


@dataclass
class TorchTraining:
    """The whole table as one batch, an epoch a step, by PyTorch's own parts.

    `given` makes the step's inputs and loss from those of the table: mixup does.
    """

    recipe: Recipe
    start: Network
    x: np.ndarray
    loss: Loss
    given: Callable[[int, torch.Tensor, Loss], tuple[torch.Tensor, Loss]] | None = None
    network: TorchNetwork = field(init=False)

    def __post_init__(self) -> None:
        self.network = TorchNetwork(self.start)

    def run(self) -> "TorchTraining":
        optimizer = self._optimizer()
        scheduler = self._scheduler(optimizer)
        for epoch in range(self.recipe.epochs):
            x, loss = torch.tensor(self.x), self.loss
            if self.given is not None:
                x, loss = self.given(epoch, x, loss)
            optimizer.zero_grad()
            if self.recipe.sam_radius > 0:
                self._sharpness_aware_slopes(x, loss)
            else:
                loss(self.network(x)).backward()
            (self.recipe.l2 * sum((weight**2).sum() for weight in self.network.weights)).backward()
            self._clip()
            optimizer.step()
            scheduler.step()
        return self

    @property
    def parameters(self) -> list[np.ndarray]:
        return self.network.in_engines_layout(self.network.learned)

    @property
    def running(self) -> list[np.ndarray]:
        """Running means, then running variances."""
        norms = self.network.norms
        return [norm.running_mean.numpy() for norm in norms] + [
            norm.running_var.numpy() for norm in norms
        ]

    def _sharpness_aware_slopes(self, x: torch.Tensor, loss: Loss) -> None:
        """Foret et al. (2021), algorithm 1: climb, take the slopes there, come back."""
        learned = [array for array in self.network.learned if array.requires_grad]
        slopes = torch.autograd.grad(loss(self.network(x)), learned)
        norm = float(torch.nn.utils.get_total_norm(slopes))
        climb = [self.recipe.sam_radius * slope / norm for slope in slopes]
        momenta = [getattr(norm, "momentum", None) for norm in self.network.norms]
        with torch.no_grad():
            for parameter, step in zip(learned, climb, strict=True):
                parameter += step
        for norm in self.network.norms:
            norm.momentum = 0.0  # running statistics follow the first pass
        loss(self.network(x)).backward()
        for norm, momentum in zip(self.network.norms, momenta, strict=True):
            norm.momentum = momentum
        with torch.no_grad():
            for parameter, step in zip(learned, climb, strict=True):
                parameter -= step

    def _optimizer(self) -> torch.optim.Optimizer:
        recipe, learned = self.recipe, self.network.learned
        if recipe.optimizer == "sgd":
            return torch.optim.SGD(
                learned, recipe.learning_rate, recipe.momentum, nesterov=recipe.nesterov
            )
        layers = len(self.network.linears)
        groups = [
            {"params": learned[:layers], "weight_decay": recipe.weight_decay},
            {"params": learned[layers:], "weight_decay": 0.0},
        ]
        betas = (recipe.beta1, recipe.beta2)
        return torch.optim.AdamW(groups, recipe.learning_rate, betas, recipe.epsilon)

    def _scheduler(self, optimizer: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
        recipe = self.recipe
        if recipe.schedule == "one_cycle":
            return lr_scheduler.OneCycleLR(
                optimizer, recipe.learning_rate, recipe.epochs, cycle_momentum=False
            )
        if recipe.schedule == "cosine":
            return lr_scheduler.CosineAnnealingLR(optimizer, recipe.epochs)
        gamma = recipe.drop_factor if recipe.schedule == "step" else 1.0
        return lr_scheduler.StepLR(optimizer, recipe.drop_epochs, gamma)

    def _clip(self) -> None:
        # clip_grad_norm_ adds 1e-6 to the norm, so here are its norm and the exact factor.
        if self.recipe.gradient_clip is None:
            return
        gradients = [array.grad for array in self.network.learned if array.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        for gradient in gradients:
            gradient *= min(1.0, self.recipe.gradient_clip / norm)
