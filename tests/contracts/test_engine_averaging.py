"""Averaged weights are the averages they claim to be, with statistics of their own."""

import numpy as np
import pytest

from levelset.engine import Fleet, Member, Network, Recipe
from levelset.theory import network_forward
from tests.reference.features import BATCH, ROWS, VALIDATION, X, Y, make_recipe
from tests.reference.instruction_sets import every_instruction_set
from tests.reference.networks import architecture_of, parameters_of
from tests.reference.trained import SEED, Trained, as_bytes, assert_same_arrays, parameters


class TestAveraging:
    def ends(self, recipe: Recipe) -> list[list[np.ndarray]]:
        """The parameters after each epoch of a run without averaging."""
        plain = recipe.changed(averaging="none")
        fleet = Fleet([Member(plain, seed=SEED)], X, Y, dtype="float64")
        ends = []
        for _ in range(recipe.epochs):
            fleet.run(1)
            ends.append(parameters(fleet.networks[0]))
        return ends

    @pytest.mark.parametrize("average_start", [0.0, 0.34, 0.5, 0.99])
    def test_swa_is_the_mean_of_the_last_epochs(self, average_start: float) -> None:
        recipe = make_recipe(averaging="swa", average_start=average_start, epochs=10, dropout=0.2)
        averaged = self.ends(recipe)[int(average_start * 10) :]
        expected = [np.mean(arrays, axis=0) for arrays in zip(*averaged, strict=True)]
        assert_same_arrays(parameters(Trained(recipe).after), expected, rtol=1e-12)

    def test_swa_before_its_start_is_the_last_epoch(self) -> None:
        recipe = make_recipe(averaging="swa", average_start=0.5, epochs=10)
        fleet = Fleet([Member(recipe, seed=SEED)], X, Y, dtype="float64")
        for end in self.ends(recipe)[:6]:
            fleet.run(1)
            assert as_bytes(fleet.networks[0]) == [array.tobytes() for array in end]

    def test_ema_is_the_weighted_mean_of_the_steps(self) -> None:
        decay = 0.7
        recipe = make_recipe(averaging="ema", average_decay=decay, batch_size=ROWS, epochs=7)
        ends = self.ends(recipe)
        fleet = Fleet([Member(recipe, seed=SEED)], X, Y, dtype="float64")
        for done in range(1, 8):
            fleet.run(1)
            shares = decay ** np.arange(done)[::-1]
            expected = [
                np.average(arrays, axis=0, weights=shares)
                for arrays in zip(*ends[:done], strict=True)
            ]
            assert_same_arrays(parameters(fleet.networks[0]), expected, rtol=1e-12)

    @pytest.mark.parametrize("averaging", ["ema", "swa"])
    def test_training_itself_is_not_changed(self, averaging: str) -> None:
        averaged, plain = (
            Trained(make_recipe(averaging=name, average_start=0.25), validation=VALIDATION).record
            for name in (averaging, "none")
        )
        assert averaged.training_loss.tobytes() == plain.training_loss.tobytes()
        assert averaged.weight_norm.tobytes() == plain.weight_norm.tobytes()
        assert averaged.validation_loss.tobytes() != plain.validation_loss.tobytes()

    def test_before_training_the_network_is_the_initial_one(self) -> None:
        members = [Member(make_recipe(averaging=name)) for name in ("none", "ema", "swa")]
        networks = Fleet(members, X, Y).networks
        assert as_bytes(networks[0]) == as_bytes(networks[1]) == as_bytes(networks[2])


def statistics_of(network: Network, x: np.ndarray) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Means and unbiased variances of each hidden layer's pre-activations over all rows."""
    architecture = architecture_of(network.recipe, ())
    z = network_forward(architecture, parameters_of(network), x).pre_activations[:-1]
    return [each.mean(axis=0) for each in z], [each.var(axis=0, ddof=1) for each in z]


@every_instruction_set
@pytest.mark.parametrize("averaging", ["ema", "swa"])
class TestStatisticsOfAverages:
    def trained(self, averaging: str, instruction_set: str, **rest: object) -> Fleet:
        noisy = {"dropout": 0.3, "input_noise": 0.5, "input_dropout": 0.2, "mixup": 1.0}
        recipe = make_recipe(
            averaging=averaging, average_start=0.5, average_decay=0.7, **BATCH, **noisy
        )
        members = [Member(recipe, seed=SEED, **rest)]
        return Fleet(members, X, Y, dtype="float64", instruction_set=instruction_set)

    def test_are_those_of_the_clean_rows(self, averaging: str, instruction_set: str) -> None:
        fleet = self.trained(averaging, instruction_set)
        fleet.run()
        network = fleet.networks[0]
        means, variances = statistics_of(network, X)
        assert_same_arrays([*network.running_means], means, rtol=1e-11)
        assert_same_arrays([*network.running_variances], variances, rtol=1e-11)

    def test_are_those_of_the_members_own_rows(self, averaging: str, instruction_set: str) -> None:
        rows = np.random.default_rng(2).integers(0, ROWS, 30)
        fleet = self.trained(averaging, instruction_set, rows=rows)
        fleet.run()
        network = fleet.networks[0]
        means, variances = statistics_of(network, X[rows])
        assert_same_arrays([*network.running_means], means, rtol=1e-11)
        assert_same_arrays([*network.running_variances], variances, rtol=1e-11)

    def test_of_one_row_are_as_they_began(self, averaging: str, instruction_set: str) -> None:
        fleet = self.trained(averaging, instruction_set, rows=[3])
        fleet.run()
        network = fleet.networks[0]
        assert all((mean == 0).all() for mean in network.running_means)
        assert all((variance == 1).all() for variance in network.running_variances)

    def test_are_the_running_ones_while_nothing_is_averaged(
        self, averaging: str, instruction_set: str
    ) -> None:
        fleet = self.trained(averaging, instruction_set)
        before = fleet.networks[0]
        assert all((mean == 0).all() for mean in before.running_means)
        assert all((variance == 1).all() for variance in before.running_variances)
        fleet.run(1)
        plain = Member(fleet.members[0].recipe.changed(averaging="none"), seed=SEED)
        alone = Fleet([plain], X, Y, dtype="float64", instruction_set=instruction_set)
        alone.run(1)
        same = as_bytes(alone.networks[0]) == as_bytes(fleet.networks[0])
        assert same == (averaging == "swa")  # which starts at half the epochs
