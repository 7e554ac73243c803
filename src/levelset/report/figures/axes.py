"""Axes: ranges, round ticks, and where along the axis a value stands."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float64, Real

from levelset.report.numbers import fixed, short

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0, 20.0)


@dataclass(frozen=True)
class Tick:
    """A labelled position on an axis.

    Attributes:
        share: How far along the axis, 0 to 1.
        text: Its label.
        shown: Where: "wide" on wide figures alone, "narrow" on phones alone, "" on both.
    """

    share: float
    text: str
    shown: Literal["", "wide", "narrow"]


@dataclass(frozen=True)
class Scale:
    """The range of one axis.

    Attributes:
        low: Lower end, in the units of the axis.
        high: Upper end, above `low`.
        log: Whether the axis is logarithmic; the ends are then positive.
    """

    low: float
    high: float
    log: bool = False

    def fraction(self, value: float) -> float:
        """Say how far along the axis a value lies, from 0 at the lower end to 1."""
        low, high, at = (self._place(v) for v in (self.low, self.high, value))
        return (at - low) / (high - low)

    def fractions(self, values: Real[np.ndarray, "*n"]) -> Float64[np.ndarray, "*n"]:
        """Say how far along the axis values lie; NaN for those that cannot stand on it."""
        places = np.asarray(values, dtype=np.float64)
        if self.log:
            places = np.where(places > 0, places, np.nan)
            places = np.log(places)
        low, high = ((math.log(end) if self.log else end) for end in (self.low, self.high))
        return (places - low) / (high - low)

    def ticks(self, at_most: int) -> dict[float, str]:
        """Choose round positions and their labels.

        Args:
            at_most: How many, 2 or more.

        Returns:
            Label by position, ascending.

        Example:
            >>> Scale(0.0, 10.0).ticks(6)
            {0.0: '0', 2.0: '2', 4.0: '4', 6.0: '6', 8.0: '8', 10.0: '10'}
            >>> Scale(1e-3, 10.0, log=True).ticks(6)
            {0.001: '0.001', 0.01: '0.01', 0.1: '0.1', 1.0: '1', 10.0: '10'}
        """
        return _log_ticks(self, at_most) if self.log else _linear_ticks(self, at_most)

    def _place(self, value: float) -> float:
        return math.log10(value) if self.log else value


def stops(values: Sequence[float], scale: Scale, at_most: int) -> dict[float, str]:
    """Choose the ticks for values that stand at few places: one at each, if they fit.

    Args:
        values: Where something stands, in any order and repeated at will.
        scale: The range of the axis.
        at_most: How many ticks fit; places may be twice as many when they are spread evenly.

    Example:
        >>> stops([1.0, 2.0, 4.0, 8.0], Scale(1.0, 8.0, log=True), 6)
        {1.0: '1', 2.0: '2', 4.0: '4', 8.0: '8'}
    """
    places = sorted({value for value in values if math.isfinite(value)})
    if scale.log:
        places = [place for place in places if place > 0]
    ends = [scale.fraction(place) for place in places]
    gaps = [after - before for before, after in itertools.pairwise(ends)]
    if not 0 < len(places) <= 2 * at_most or min(gaps, default=1.0) < 0.45 / at_most:
        return scale.ticks(at_most)
    return _named(places)


def covering(
    values: Sequence[float], log: bool = False, margin: float = 0.05, after: float | None = None
) -> Scale:
    """Choose the range that holds all the values, with a margin on both sides.

    Args:
        values: Any numbers; those that cannot stand on the axis are passed over.
        log: Whether the axis is logarithmic.
        margin: Room on each side, as a share of the range.
        after: Room at the upper end, when it is another.

    Example:
        >>> covering([0.0, 10.0], margin=0.1)
        Scale(low=-1.0, high=11.0, log=False)
    """
    finite = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not finite:
        return Scale(0.1, 10.0, log) if log else Scale(0.0, 1.0)
    low, high = min(finite), max(finite)
    ratio = after / margin if after is not None and high > low else 1.0
    if log:
        room = max(margin * math.log10(high / low), 0.05 if high > low else 0.5)
        return Scale(low / 10**room, high * 10 ** (room * ratio), log)
    room = margin * (high - low) if high > low else max(abs(high) * 0.1, 0.5)
    return Scale(low - room, high + room * ratio)


def marked(
    scale: Scale, ticks: Mapping[float, str], narrow: Mapping[float, str] | None = None
) -> tuple[Tick, ...]:
    """Place ticks along an axis, those of a wide figure and those of a phone.

    Args:
        scale: The range of the axis.
        ticks: Label by position, for a wide figure.
        narrow: The same where there is less room; by default no other.

    Returns:
        Ascending; a tick of both has one entry.

    Example:
        >>> marked(Scale(0.0, 4.0), {0.0: "0", 1.0: "1", 2.0: "2"}, {0.0: "0", 2.0: "2"})[1]
        Tick(share=0.25, text='1', shown='wide')
    """
    fewer = ticks if narrow is None else narrow
    found: list[Tick] = []
    for place in sorted({*ticks, *fewer}):
        share, wide, on_a_phone = scale.fraction(place), ticks.get(place), fewer.get(place)
        if wide is not None and wide == on_a_phone:
            found.append(Tick(share, wide, ""))
            continue
        if wide is not None:
            found.append(Tick(share, wide, "wide"))
        if on_a_phone is not None:
            found.append(Tick(share, on_a_phone, "narrow"))
    return tuple(found)


def _linear_ticks(scale: Scale, at_most: int) -> dict[float, str]:
    rough = (scale.high - scale.low) / at_most
    power = 10.0 ** math.floor(math.log10(rough))
    # A step of 20 times the power always leaves few enough ticks, so one is found.
    step, first, last = next(
        (step, first, last)
        for step in (factor * power for factor in _STEPS)
        for first, last in [_multiples(scale, step)]
        if last - first < at_most
    )
    places = [round(count * step, 12) + 0.0 for count in range(first, last + 1)]
    decimals = _decimals(step)
    largest = max(map(abs, places), default=0.0)
    if decimals > 5 or largest >= 1e7:
        return {place: short(place, scientific=True) for place in places}
    return {place: fixed(place, decimals) for place in places}


def _multiples(scale: Scale, step: float) -> tuple[int, int]:
    """Number the first and the last multiple of a step within a range."""
    return math.ceil(scale.low / step - 1e-9), math.floor(scale.high / step + 1e-9)


def _log_ticks(scale: Scale, at_most: int) -> dict[float, str]:
    first, last = (math.ceil(math.log10(scale.low)), math.floor(math.log10(scale.high)))
    powers = range(first, last + 1)
    if len(powers) >= 3:
        stride = math.ceil(len(powers) / at_most)
        return _named([10.0**power for power in powers if power % stride == 0])
    for least, factors in ((3, (1, 2, 5)), (3, (1, 2, 3, 5, 7)), (2, (1, 3)), (2, (1,))):
        places = [
            factor * 10.0**power
            for power in range(first - 1, last + 2)
            for factor in factors
            if scale.low <= factor * 10.0**power <= scale.high
        ]
        if least <= len(places) <= at_most:
            return _named(places)
    # Less than a step of 1-2-5 is seen: the axis is nearly linear there.
    return _linear_ticks(Scale(scale.low, scale.high), at_most)


def _named(places: Sequence[float]) -> dict[float, str]:
    """Label round places, all in powers of ten where one of them is far from 1."""
    sizes = [abs(place) for place in places if place]
    far = bool(sizes) and (min(sizes) < 0.99e-3 or max(sizes) > 0.99e7)
    return {place: short(place, scientific=far) for place in places}


def _decimals(step: float) -> int:
    for decimals in range(13):
        if abs(round(step, decimals) - step) < 1e-9 * step:
            return decimals
    return 12
