import pytest

from levelset.engine import Recipe
from levelset.studies.questions.bias_variance.complexity import complexities_around


@pytest.mark.parametrize(
    "base",
    [
        Recipe(),
        Recipe(hidden=()),
        Recipe(hidden=(64,)),
        Recipe(hidden=(5, 7, 9, 3, 2), l2=0.05),
        Recipe(hidden=(8, 8), activation=("tanh", "relu"), learning_rate_factors=(1, 1, 0.5)),
    ],
    ids=repr,
)
def test_every_axis_varies_one_thing_and_no_setting_is_there_twice(base):
    around = complexities_around(base)
    assert around.settings[0].arm.recipe == base
    kept = [(setting.arm.recipe, setting.share) for setting in around.settings]
    assert len({(repr(recipe), share) for recipe, share in kept}) == len(kept)
    names = [setting.arm.name for setting in around.settings]
    assert len(set(names)) == len(names)
    for axis in around.axes:
        assert list(axis.values) == sorted(set(axis.values))
        points = [around.settings[number] for number in axis.settings]
        if axis.name == "width":
            assert [point.arm.recipe.hidden for point in points] == [(w,) for w in axis.values]
        elif axis.name == "depth":
            assert [len(point.arm.recipe.hidden) for point in points] == list(axis.values)
        elif axis.name == "λ":
            assert [point.arm.recipe.l2 for point in points] == list(axis.values)
            assert {point.arm.recipe.hidden for point in points} == {base.hidden}
        else:
            assert [point.share for point in points] == list(axis.values)
            assert all(point.arm.recipe == base for point in points)
    assert all(0 in around.axis(name).settings for name in ("depth", "λ", "training rows"))


def test_a_base_on_two_axes_is_one_setting():
    around = complexities_around(Recipe(hidden=(64,)))
    assert all(0 in axis.settings for axis in around.axes)
