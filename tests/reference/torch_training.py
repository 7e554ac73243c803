"""Training by PyTorch's own parts: losses, optimizers, schedules."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.optim import lr_scheduler

from levelset.engine import Network, Recipe


@dataclass
class TorchTraining:
    """The whole table as one batch, an epoch a step, by PyTorch's own parts."""

    recipe: Recipe
    start: Network
    x: np.ndarray
    y: np.ndarray
    loss: Callable[[torch.Tensor], torch.Tensor] | None = None

    def parameters(self) -> list[np.ndarray]:
        weights = [torch.tensor(w, requires_grad=True) for w in self.start.weights]
        biases = [torch.tensor(b, requires_grad=True) for b in self.start.biases]
        optimizer = self._optimizer(weights, biases)
        scheduler = self._scheduler(optimizer)
        for _ in range(self.recipe.epochs):
            a = torch.tensor(self.x)
            for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
                a = torch.tanh(a @ weight + bias)
            penalty = self.recipe.l2 * sum((weight**2).sum() for weight in weights)
            optimizer.zero_grad()
            (self._loss(a @ weights[-1] + biases[-1]) + penalty).backward()
            self._clip(weights + biases)
            optimizer.step()
            scheduler.step()
        return [array.detach().numpy() for array in (*weights, *biases)]

    def _loss(self, logits: torch.Tensor) -> torch.Tensor:
        if self.loss is not None:
            return self.loss(logits)
        return torch.nn.functional.cross_entropy(logits, torch.tensor(self.y))

    def _optimizer(self, weights: list, biases: list) -> torch.optim.Optimizer:
        recipe = self.recipe
        if recipe.optimizer == "sgd":
            return torch.optim.SGD(weights + biases, recipe.learning_rate, recipe.momentum)
        groups = [
            {"params": weights, "weight_decay": recipe.weight_decay},
            {"params": biases, "weight_decay": 0.0},
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

    def _clip(self, arrays: list[torch.Tensor]) -> None:
        # clip_grad_norm_ adds 1e-6 to the norm, so here are its norm and the exact factor.
        if self.recipe.gradient_clip is None:
            return
        gradients = [array.grad for array in arrays if array.grad is not None]
        norm = float(torch.nn.utils.get_total_norm(gradients))
        for gradient in gradients:
            gradient *= min(1.0, self.recipe.gradient_clip / norm)
