"""What the compiled core offers (native/bindings.cpp); `levelset.engine` is its only caller."""

from collections.abc import Callable, Sequence

import numpy as np

class Plan: ...

def make_plan(
    layers: list[dict[str, object]],
    heads: list[dict[str, object]],
    rest: dict[str, object],
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
    path: str, plan: Plan, parameters: np.ndarray, x: np.ndarray, outputs: np.ndarray
) -> None: ...
def gradient(
    path: str,
    plan: Plan,
    parameters: np.ndarray,
    x: np.ndarray,
    targets: list[np.ndarray],
    gradient: np.ndarray,
) -> float: ...
def elementary(path: str, function: int, x: np.ndarray, y: np.ndarray) -> None: ...

class _Fleet:
    def __init__(
        self,
        path: str,
        x: np.ndarray,
        targets: list[np.ndarray],
        weights: np.ndarray | None,
        x_validation: np.ndarray,
        validation_targets: list[np.ndarray],
        by_epoch: Sequence[np.ndarray],
        by_layer: Sequence[np.ndarray],
        by_head: Sequence[np.ndarray],
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
        self, members: np.ndarray, x: np.ndarray, outputs: np.ndarray, threads: int
    ) -> None: ...
    def parameters(self, member: int, out: np.ndarray) -> None: ...
    def status(self, out: np.ndarray) -> None: ...
    def holds(self, out: np.ndarray) -> None: ...
    def read(self, member: int, which: int, out: np.ndarray) -> None: ...
    def counters(self, counts: np.ndarray, losses: np.ndarray) -> None: ...
    def write(
        self,
        member: int,
        counts: np.ndarray,
        losses: np.ndarray,
        arrays: list[np.ndarray | None],
    ) -> None: ...

class FleetSingle(_Fleet): ...
class FleetDouble(_Fleet): ...
