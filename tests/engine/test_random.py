"""The core's random words are Philox4x32-10, and what is made of them is uniform."""

import numpy as np
import pytest
from scipy import stats

from levelset.engine import core
from tests.reference import philox
from tests.reference.instruction_sets import every_instruction_set

# (counter, key, words) of Random123's kat_vectors for philox4x32-10.
KNOWN_ANSWERS = [
    (
        (0, 0, 0, 0),
        (0, 0),
        (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    ),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


def core_words(instruction_set: str, count: int, *address: int) -> np.ndarray:
    """`count` words, a whole number of groups; address: seed, purpose, layer, epoch, step."""
    words = np.empty(count, np.uint32)
    core.random_words(instruction_set, *address, words)
    return words


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_twin_gives_the_known_answers(counter: tuple, key: tuple, expected: tuple) -> None:
    assert philox.philox(counter, key) == expected


@every_instruction_set
def test_core_gives_the_known_answer_of_zeros(instruction_set: str) -> None:
    # The other two count more blocks than can be asked for; the native test program has them.
    words = core_words(instruction_set, 64, 0, 0, 0, 0, 0)
    assert tuple(words[::16]) == KNOWN_ANSWERS[0][2]


@every_instruction_set
def test_core_equals_twin_at_many_addresses(instruction_set: str) -> None:
    generator = np.random.default_rng(0)
    edges = [0, 1, 2**31, 2**32 - 1]
    for _ in range(40):
        seed = int(generator.integers(0, 2**64, dtype=np.uint64))
        purpose = int(generator.integers(256))
        layer = int(generator.choice([0, 5, 2**24 - 1]))
        epoch, step = (int(word) for word in generator.choice(edges, 2))
        address = (seed, purpose, layer, epoch, step)
        assert core_words(instruction_set, 128, *address).tolist() == philox.words(*address, 128)


@every_instruction_set
def test_streams_share_no_word(instruction_set: str) -> None:
    # An address that was mapped to another's counter would repeat its words.
    addresses = [
        (seed, purpose, layer, epoch, step)
        for seed in (0, 1, 2**32)
        for purpose in range(1, 7)
        for layer in (0, 1)
        for epoch in (0, 1)
        for step in (0, 1)
    ]
    firsts = {core_words(instruction_set, 64, *address).tobytes() for address in addresses}
    assert len(firsts) == len(addresses)


def test_orders_are_uniform_permutations() -> None:
    # Where each of 8 rows lands in 4,000 epochs: chi-squared with 7 x 7 degrees of freedom.
    rows, epochs = 8, 4000
    counts = np.zeros((rows, rows))
    for epoch in range(epochs):
        order = philox.batch_order(5, epoch, rows)
        assert sorted(order) == list(range(rows))
        counts[np.arange(rows), order] += 1
    statistic = ((counts - epochs / rows) ** 2 / (epochs / rows)).sum()
    assert 1e-3 < stats.chi2.sf(statistic, (rows - 1) ** 2) < 1 - 1e-3


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_dropout_keeps_its_share(share: float) -> None:
    mask = philox.dropout_mask((7, philox.DROPOUT, 1, 2, 3), (400, 60), share, 4)
    kept = int((mask > 0).sum())
    assert stats.binomtest(kept, mask.size, 1 - share).pvalue > 1e-3
    assert mask.max() == pytest.approx(1 / (1 - share), rel=1e-4)


def test_dropout_rows_and_units_are_not_alike() -> None:
    mask = philox.dropout_mask((7, philox.DROPOUT, 0, 0, 0), (400, 32), 0.5, 4) > 0
    correlations = np.corrcoef(mask.T)[np.triu_indices(32, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(400)
    assert len({row.tobytes() for row in mask}) == 400
