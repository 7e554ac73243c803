"""A network with normalization, residuals and heads: unit by unit, row by row."""

import math
from dataclasses import dataclass

from tests.reference import normalization as normal
from tests.reference.activations import ACTIVATIONS
from tests.reference.heads import Head, multi_head_loss

Vector = list[float]
Matrix = list[list[float]]


@dataclass(frozen=True)
class Problem:
    weights: list[Matrix]
    biases: list[Vector]
    scales: list[Vector]
    shifts: list[Vector]
    activations: list[str]
    normalization: str | None
    residual: bool
    heads: list[Head]
    x: Matrix
    targets: Matrix
    sample_weights: Vector
    present: list[list[bool]]
    l2: float
    masks: list[Matrix]
    running: list[tuple[Vector, Vector]] | None


@dataclass(frozen=True)
class Layer:
    """What a hidden layer was given and made, rows of units."""

    given: Matrix
    z: Matrix
    standardized: Matrix
    ready: Matrix


def objective_and_gradient(
    problem: Problem,
) -> tuple[float, list[Matrix], list[Vector], list[Vector], list[Vector]]:
    """J and its gradient with respect to W, b, γ and β."""
    layers, last, outputs = _forward(problem)
    value, _, delta = multi_head_loss(
        outputs, problem.targets, problem.heads, problem.sample_weights, problem.present
    )
    weights, biases = [_weight_slopes(last, delta)], [_sums(delta)]
    scales, shifts = [], []
    upstream = _through_weights(delta, problem.weights[-1])
    for number in range(len(layers) - 1, -1, -1):
        layer = layers[number]
        delta = _through_activation(problem, number, layer, upstream)
        if problem.normalization:
            shifts.insert(0, _sums(delta))
            scales.insert(0, _sums(_times(delta, layer.standardized)))
            delta = _through_normalization(problem, number, layer, delta)
        weights.insert(0, _weight_slopes(layer.given, delta))
        biases.insert(0, _sums(delta))
        below = _through_weights(delta, problem.weights[number])
        if _joined(problem, number):
            for row in range(len(below)):
                for unit in range(len(below[row])):
                    below[row][unit] += upstream[row][unit]
        upstream = below
    for number, weight in enumerate(problem.weights):
        for i in range(len(weight)):
            for o in range(len(weight[i])):
                value += problem.l2 * weight[i][o] ** 2
                weights[number][i][o] += 2.0 * problem.l2 * weight[i][o]
    return value, weights, biases, scales, shifts


def _joined(problem: Problem, number: int) -> bool:
    weight = problem.weights[number]
    return problem.residual and len(weight) == len(weight[0])


def _forward(problem: Problem) -> tuple[list[Layer], Matrix, Matrix]:
    """The hidden layers, what the last layer was given, and what it made."""
    a, layers = problem.x, []
    for number, name in enumerate(problem.activations):
        value, _ = ACTIVATIONS[name]
        z = _linear(a, problem.weights[number], problem.biases[number])
        standardized, ready = _normalize(problem, number, z)
        layers.append(Layer(a, z, standardized, ready))
        made = []
        for row in range(len(z)):
            units = []
            for unit in range(len(z[row])):
                added = value(ready[row][unit]) * problem.masks[number][row][unit]
                units.append(added + (a[row][unit] if _joined(problem, number) else 0.0))
            made.append(units)
        a = made
    return layers, a, _linear(a, problem.weights[-1], problem.biases[-1])


def _linear(a: Matrix, weight: Matrix, bias: Vector) -> Matrix:
    result = []
    for row in a:
        units = []
        for o in range(len(bias)):
            total = bias[o]
            for i in range(len(weight)):
                total += row[i] * weight[i][o]
            units.append(total)
        result.append(units)
    return result


def _normalize(problem: Problem, number: int, z: Matrix) -> tuple[Matrix, Matrix]:
    if not problem.normalization:
        return z, z
    if problem.normalization == "layer":
        standardized = [normal.standardized(row) for row in z]
    elif problem.running is None:
        standardized = _transposed([normal.standardized(unit) for unit in _transposed(z)])
    else:
        means, variances = problem.running[number]
        standardized = [
            [
                (row[unit] - means[unit]) / math.sqrt(variances[unit] + normal.EPSILON)
                for unit in range(len(row))
            ]
            for row in z
        ]
    scale, shift = problem.scales[number], problem.shifts[number]
    return standardized, [
        [scale[unit] * row[unit] + shift[unit] for unit in range(len(row))] for row in standardized
    ]


def _through_activation(problem: Problem, number: int, layer: Layer, upstream: Matrix) -> Matrix:
    _, derivative = ACTIVATIONS[problem.activations[number]]
    mask = problem.masks[number]
    return [
        [
            upstream[row][unit] * mask[row][unit] * derivative(layer.ready[row][unit])
            for unit in range(len(upstream[row]))
        ]
        for row in range(len(upstream))
    ]


def _through_normalization(problem: Problem, number: int, layer: Layer, delta: Matrix) -> Matrix:
    scale = problem.scales[number]
    scaled = [[row[unit] * scale[unit] for unit in range(len(row))] for row in delta]
    if problem.normalization == "layer":
        return [normal.pulled_back(z, d) for z, d in zip(layer.z, scaled, strict=True)]
    if problem.running is None:
        units = zip(_transposed(layer.z), _transposed(scaled), strict=True)
        return _transposed([normal.pulled_back(z, d) for z, d in units])
    _, variances = problem.running[number]
    return [
        [row[unit] / math.sqrt(variances[unit] + normal.EPSILON) for unit in range(len(row))]
        for row in scaled
    ]


def _through_weights(delta: Matrix, weight: Matrix) -> Matrix:
    result = []
    for row in delta:
        units = []
        for i in range(len(weight)):
            total = 0.0
            for o in range(len(row)):
                total += row[o] * weight[i][o]
            units.append(total)
        result.append(units)
    return result


def _weight_slopes(given: Matrix, delta: Matrix) -> Matrix:
    slopes = [[0.0 for _ in delta[0]] for _ in given[0]]
    for row in range(len(delta)):
        for i in range(len(slopes)):
            for o in range(len(slopes[i])):
                slopes[i][o] += given[row][i] * delta[row][o]
    return slopes


def _sums(delta: Matrix) -> Vector:
    return [sum(unit) for unit in _transposed(delta)]


def _times(left: Matrix, right: Matrix) -> Matrix:
    return [[a * b for a, b in zip(*pair, strict=True)] for pair in zip(left, right, strict=True)]


def _transposed(matrix: Matrix) -> Matrix:
    return [list(column) for column in zip(*matrix, strict=True)]
