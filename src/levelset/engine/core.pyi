"""What the compiled core offers (native/bindings.cpp); `levelset.engine` is its only caller."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

class Plan: ...

def make_plan(
    widths: Sequence[int],
    activations: Sequence[int],
    dropout: Sequence[float],
    initial_scale: Sequence[float],
    initial: Sequence[int],
    rate_factors: Sequence[float],
    rest: Mapping[str, object],
) -> Plan: ...
def instruction_sets() -> list[str]: ...
def random_words(
    path: str,
    seed: int,
    purpose: int,
    layer: int,
    epoch: int,
    step: int,
    words: np.ndarray,
) -> None: ...
def predict(
    path: str, plan: Plan, parameters: np.ndarray, x: np.ndarray, probabilities: np.ndarray
) -> None: ...
def gradient(
    path: str,
    plan: Plan,
    parameters: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    gradient: np.ndarray,
) -> float: ...
def elementary(path: str, function: int, x: np.ndarray, y: np.ndarray) -> None: ...

class _Fleet:
    def __init__(
        self,
        path: str,
        x: np.ndarray,
        y: np.ndarray,
        weights: np.ndarray | None,
        x_validation: np.ndarray,
        y_validation: np.ndarray,
        classes: int,
        by_epoch: Sequence[np.ndarray],
        by_layer: Sequence[np.ndarray],
    ) -> None: ...
    def add(
        self,
        plan: Plan,
        seed: int,
        rows: np.ndarray | None,
        class_weights: np.ndarray | None,
        initial: np.ndarray | None,
    ) -> None: ...
    def run(self, epochs: int, threads: int, watch: Callable[[int, int], None] | None) -> None: ...
    def predict(
        self, members: np.ndarray, x: np.ndarray, probabilities: np.ndarray, threads: int
    ) -> None: ...
    def parameters(self, member: int, out: np.ndarray) -> None: ...
    def status(self, out: np.ndarray) -> None: ...

class FleetSingle(_Fleet): ...
class FleetDouble(_Fleet): ...
