"""The objective of a multilayer perceptron and its gradient: row by row, unit by unit."""

from dataclasses import dataclass

from tests.reference.activations import ACTIVATIONS
from tests.reference.losses import LOSSES

Vector = list[float]
Matrix = list[list[float]]


@dataclass(frozen=True)
class Problem:
    weights: list[Matrix]
    biases: list[Vector]
    activations: list[str]
    loss: str
    x: Matrix
    targets: Matrix
    l2: float
    sample_weights: Vector
    masks: list[Matrix]


def objective_and_gradient(problem: Problem) -> tuple[float, list[Matrix], list[Vector]]:
    """J, ∂J/∂W and ∂J/∂b, summed over rows by the chain rule of one row."""
    loss, _ = LOSSES[problem.loss]
    objective = 0.0
    weight_gradients = [[[0.0 for _ in row] for row in weight] for weight in problem.weights]
    bias_gradients = [[0.0 for _ in bias] for bias in problem.biases]
    for row in range(len(problem.x)):
        share = problem.sample_weights[row] / sum(problem.sample_weights)
        a, z = _forward(problem, row)
        objective += share * loss(z[-1], problem.targets[row])
        deltas = _deltas(problem, row, z)
        for layer, delta in enumerate(deltas):
            for o in range(len(delta)):
                bias_gradients[layer][o] += share * delta[o]
                for i in range(len(a[layer])):
                    weight_gradients[layer][i][o] += share * a[layer][i] * delta[o]
    for layer, weight in enumerate(problem.weights):
        for i in range(len(weight)):
            for o in range(len(weight[i])):
                objective += problem.l2 * weight[i][o] ** 2
                weight_gradients[layer][i][o] += 2.0 * problem.l2 * weight[i][o]
    return objective, weight_gradients, bias_gradients


def _forward(problem: Problem, row: int) -> tuple[Matrix, Matrix]:
    a, z = [problem.x[row]], []
    for layer, (weight, bias) in enumerate(zip(problem.weights, problem.biases, strict=True)):
        z_l = []
        for o in range(len(bias)):
            total = bias[o]
            for i in range(len(weight)):
                total += a[layer][i] * weight[i][o]
            z_l.append(total)
        z.append(z_l)
        if layer < len(problem.activations):
            value, _ = ACTIVATIONS[problem.activations[layer]]
            mask = problem.masks[layer][row]
            a.append([value(z_l[o]) * mask[o] for o in range(len(z_l))])
    return a, z


def _deltas(problem: Problem, row: int, z: Matrix) -> Matrix:
    """∂ℓ/∂z_l of one row: what each unit's pre-activation adds to the loss through those above."""
    _, loss_gradient = LOSSES[problem.loss]
    deltas = [loss_gradient(z[-1], problem.targets[row])]
    for layer in range(len(z) - 2, -1, -1):
        _, derivative = ACTIVATIONS[problem.activations[layer]]
        delta = []
        for unit in range(len(z[layer])):
            total = 0.0
            for above in range(len(deltas[0])):
                total += deltas[0][above] * problem.weights[layer + 1][unit][above]
            delta.append(total * problem.masks[layer][row][unit] * derivative(z[layer][unit]))
        deltas.insert(0, delta)
    return deltas
