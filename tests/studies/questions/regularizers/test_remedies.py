import pytest

from levelset.engine import Recipe
from levelset.studies.questions.regularizers.remedies import (
    REMEDIES,
    UNTREATED,
    dose_fields,
    treated,
    untreated,
)

DOSES = [dose for remedy in REMEDIES for dose in remedy.doses]


def test_untreated_takes_every_remedy_away_and_nothing_else():
    base = Recipe(hidden=(8,), learning_rate=0.01, l2=0.1, dropout=0.3, mixup=1.0, patience=3)
    assert untreated(base).changes() == {"hidden": (8,), "learning_rate": 0.01}
    everything = {name for remedy in REMEDIES for dose in remedy.doses for name in dose.fields} - {
        "average_decay",
        "average_start",
    }
    assert everything <= set(UNTREATED)


@pytest.mark.parametrize("dose", DOSES, ids=lambda dose: dose.label)
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "adamw"])
def test_every_dose_makes_a_recipe_that_is_not_the_untreated_one(dose, optimizer):
    plain = untreated(Recipe(optimizer=optimizer))
    recipe = treated(plain, dose)
    assert recipe != plain
    changed = {name: getattr(recipe, name) for name in dose_fields(plain, dose)}
    assert changed == dict(dose_fields(plain, dose))


def test_weight_decay_brings_an_optimizer_that_decays():
    decay = next(dose for dose in DOSES if "weight_decay" in dose.fields)
    assert treated(Recipe(), decay).optimizer == "adamw"
    assert treated(Recipe(optimizer="sgd"), decay).optimizer == "sgd"


def test_every_remedy_is_tuned_as_much_as_the_others():
    assert min(len(remedy.doses) for remedy in REMEDIES) == 2
    assert len({remedy.color_key for remedy in REMEDIES}) == len(REMEDIES)
    assert all(dose.label for dose in DOSES)
