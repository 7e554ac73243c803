import numpy as np
import pytest
import torch

from levelset.errors import RecipeError
from levelset.theory import (
    SCHEDULES,
    constant_schedule,
    cosine_schedule,
    one_cycle_schedule,
    step_schedule,
)
from tests.reference import schedules as reference

TOTAL, PER_EPOCH = 60, 5

every_schedule = pytest.mark.parametrize("name", SCHEDULES)
every_warmup = pytest.mark.parametrize("warmup", [0, 1, 7, 59])


def factors(name: str, warmup: int = 0, **parameters: float) -> list[float]:
    schedule = SCHEDULES[name]
    return [schedule(t, TOTAL, PER_EPOCH, warmup, **parameters) for t in range(TOTAL)]


def expected_factors(name: str, steps: int) -> list[float]:
    return {
        "constant": lambda: reference.constant(steps),
        "step": lambda: reference.step(steps, PER_EPOCH, 0.5, 3),
        "cosine": lambda: reference.cosine(steps),
        "one_cycle": lambda: reference.one_cycle(steps, 0.3, 1.0 / 25.0, 1.0 / 25e4),
    }[name]()


def torch_factors(make_schedule) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule, rates = make_schedule(optimizer), []
    for _ in range(TOTAL):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if len(rates) < TOTAL:
            schedule.step()
    return rates


@every_schedule
class TestEverySchedule:
    @every_warmup
    def test_equals_its_slow_twin(self, name: str, warmup: int) -> None:
        parameters = {"drop_factor": 0.5, "drop_epochs": 3} if name == "step" else {}
        expected = reference.warmed_up(expected_factors(name, TOTAL - warmup), warmup)
        np.testing.assert_allclose(
            factors(name, warmup, **parameters), expected, rtol=1e-9, atol=1e-14
        )

    @every_warmup
    def test_stays_within_the_base_rate_and_wastes_no_step(self, name: str, warmup: int) -> None:
        assert all(0.0 < factor <= 1.0 for factor in factors(name, warmup))

    def test_refuses_a_step_outside_the_training(self, name: str) -> None:
        for step in (-1, TOTAL):
            with pytest.raises(RecipeError, match=f"from 0 to total_steps - 1 = 59, got {step}"):
                SCHEDULES[name](step, TOTAL, PER_EPOCH)

    def test_refuses_a_warmup_as_long_as_the_training(self, name: str) -> None:
        with pytest.raises(RecipeError, match="shorter than the training = 60 steps, got 60"):
            SCHEDULES[name](0, TOTAL, PER_EPOCH, TOTAL)

    def test_lasts_one_step_if_the_training_does(self, name: str) -> None:
        assert 0.0 < SCHEDULES[name](0, 1, 1) <= 1.0


def test_registry_holds_the_functions() -> None:
    assert dict(SCHEDULES) == {
        "constant": constant_schedule,
        "step": step_schedule,
        "cosine": cosine_schedule,
        "one_cycle": one_cycle_schedule,
    }


def test_step_equals_torch() -> None:
    expected = torch_factors(
        lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 2 * PER_EPOCH, gamma=0.3)
    )
    np.testing.assert_allclose(
        factors("step", drop_factor=0.3, drop_epochs=2), expected, rtol=1e-12
    )


def test_cosine_equals_torch() -> None:
    expected = torch_factors(
        lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=TOTAL)
    )
    np.testing.assert_allclose(factors("cosine"), expected, rtol=1e-9)


@pytest.mark.parametrize(("rise_share", "start", "end"), [(0.3, 25.0, 1e4), (0.5, 5.0, 10.0)])
def test_one_cycle_equals_torch(rise_share: float, start: float, end: float) -> None:
    expected = torch_factors(
        lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            max_lr=1.0,
            total_steps=TOTAL,
            pct_start=rise_share,
            div_factor=start,
            final_div_factor=end,
            cycle_momentum=False,
        )
    )
    given = factors("one_cycle", rise_share=rise_share, start_divisor=start, end_divisor=end)
    np.testing.assert_allclose(given, expected, rtol=1e-9)


def test_a_cycle_too_short_to_rise_only_falls() -> None:
    short = [one_cycle_schedule(t, 3, 1) for t in range(3)]
    assert short == sorted(short, reverse=True)
    assert short[-1] == pytest.approx(1.0 / 25e4)
    assert one_cycle_schedule(0, 4, 1, rise_share=0.25) == 1.0  # a rise of exactly no steps


@every_warmup
def test_warmup_meets_the_schedule_on_a_line(warmup: int) -> None:
    rising = np.array(factors("constant", warmup)[: warmup + 1])
    np.testing.assert_allclose(rising, np.arange(1, warmup + 2) / (warmup + 1), rtol=1e-14)
