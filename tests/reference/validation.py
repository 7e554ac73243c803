"""What the record tells of the validation rows, by the theory."""

import numpy as np

from levelset.engine import Network, Record
from levelset.theory import Batch, head_losses
from tests.reference.batches import MiniBatch
from tests.reference.epochs import share
from tests.reference.networks import logits_by_theory, targets_of
from tests.reference.targets import Answers


def validation_by_theory(network: Network, x: np.ndarray, y: Answers) -> dict[str, np.ndarray]:
    """The record's entries of an epoch after which this was the network, by their names there."""
    targets, outputs = targets_of(network, y), logits_by_theory(network, x)
    heads, present = targets.heads, targets.present
    rows = MiniBatch(
        Batch(x, targets.values, present=present), targets.values, np.arange(len(x)), share=1.0
    )
    right, counted = rows.hits(heads, outputs)
    losses = head_losses(outputs, targets.values, heads, present=present)
    own = slice(None) if len(heads) > 1 else slice(0)
    return {
        "validation_loss": losses @ [head.weight for head in heads],
        "validation_accuracy": np.array(share(np.nansum(right), np.nansum(counted))),
        "validation_head_loss": losses[own],
        "validation_head_accuracy": np.array([*map(share, right, counted)])[own],
    }


def assert_same_validation(
    record: Record, networks: list[Network], x: np.ndarray, y: Answers
) -> None:
    """The record of the only member is that of its network after each epoch."""
    for epoch, network in enumerate(networks):
        for name, expected in validation_by_theory(network, x, y).items():
            given = getattr(record, name)[0, epoch]
            np.testing.assert_allclose(given, expected, rtol=1e-6, err_msg=name)
