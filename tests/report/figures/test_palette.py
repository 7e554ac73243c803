"""The colors, measured: contrast as WCAG says, differences under simulated color blindness."""

import itertools
import re
from importlib.resources import files

import numpy as np
import pytest

from levelset.report.figures import palette

# Full dichromacy in linear RGB, Machado, Oliveira and Fernandes (2009), severity 1.0.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
# Linear RGB to cone responses to Oklab, Ottosson (2020).
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
OKABE_ITO = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#f0e442", "#000000"]
SCHEMES = {
    "light": (palette.SERIES_LIGHT, palette.RAMP_LIGHT, palette.PAPER_LIGHT),
    "dark": (palette.SERIES_DARK, palette.RAMP_DARK, palette.PAPER_DARK),
}


def linear(color):
    channels = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(color, other):
    one, two = (linear(c) @ [0.2126, 0.7152, 0.0722] for c in (color, other))
    return (max(one, two) + 0.05) / (min(one, two) + 0.05)


def least_difference(colors):
    differences = []
    for matrix in VISION.values():
        seen = [np.clip(matrix @ linear(color), 0, 1) for color in colors]
        labs = [TO_LAB @ np.cbrt(TO_CONES @ s) for s in seen]
        differences += [np.linalg.norm(a - b) for a, b in itertools.combinations(labs, 2)]
    return min(differences)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_lines_stand_out_from_paper(scheme):
    series, ramp, paper = SCHEMES[scheme]
    for color in series + ramp:
        assert contrast(color, paper) >= 3.0, color


@pytest.mark.parametrize("scheme", SCHEMES)
def test_names_in_color_can_be_read(scheme):
    series, ramp, paper = SCHEMES[scheme]
    blocks = palette.stylesheet().split("@media")
    block = blocks[0] if scheme == "light" else blocks[1]
    texts = [part.split(": ")[1] for part in block.split("; ") if "-text:" in part]
    texts = [text.rstrip(";} \n") for text in texts]
    assert len(texts) == len(series + ramp)
    for text in texts:
        assert contrast(text, paper) >= 4.5, text


def page_variables():
    """The colors of text and paper, in the light and in the dark scheme."""
    style = (files("levelset.report") / "templates" / "style.css").read_text("utf-8")
    light, dark = re.findall(r"root \{(.*?)\}", style, flags=re.DOTALL)[:2]
    found = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block)) for block in (light, dark)]
    return {"light": found[0], "dark": found[1]}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("ground", ["paper", "raised"])
def test_text_can_be_read_on_every_ground(scheme, ground):
    colors = page_variables()[scheme]
    for name in ("ink", "muted", "link", "supported", "refuted", "open"):
        assert contrast(colors[name], colors[ground]) >= 4.5, name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axes_and_buttons_have_edges_that_can_be_seen(scheme):
    colors = page_variables()[scheme]
    assert contrast(colors["axis"], colors["paper"]) >= 3.0


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_paper_is_that_of_the_palette(scheme):
    assert page_variables()[scheme]["paper"] == SCHEMES[scheme][2]


def test_heights_run_from_dark_to_light_whatever_the_eyes():
    for matrix in VISION.values():
        seen = [np.clip(matrix @ linear(color), 0, 1) for color in palette.HEIGHTS]
        lightness = [float((TO_LAB @ np.cbrt(TO_CONES @ s))[0]) for s in seen]
        assert all(after - before > 0.02 for before, after in itertools.pairwise(lightness))


def test_the_simplest_classifier_and_the_mlp_are_far_apart():
    styles = palette.assign([("majority", "logistic", "boosting", "mlp")])
    assert len({style.color for style in styles.values()}) == 4
    for series, _, _ in SCHEMES.values():
        hues = [int(styles[key].color.rpartition("-")[2]) - 1 for key in ("majority", "mlp")]
        assert least_difference([series[hue] for hue in hues]) >= 0.12


@pytest.mark.parametrize("scheme", SCHEMES)
def test_series_stay_apart_for_the_color_blind(scheme):
    # Okabe and Ito's own eight colors reach 0.076.
    assert least_difference(SCHEMES[scheme][0]) >= 0.07


def test_the_measure_itself_tells_good_from_bad():
    assert least_difference(OKABE_ITO) == pytest.approx(0.076, abs=0.001)
    assert least_difference(("#d55e00", "#8a7600", "#009e73")) < 0.07


@pytest.mark.parametrize("scheme", SCHEMES)
def test_ramps_run_one_way_in_lightness(scheme):
    ramp = SCHEMES[scheme][1]
    luminances = [float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in ramp]
    assert all(a < b for a, b in itertools.pairwise(luminances))


def test_contrast_agrees_with_the_slow_twin():
    for color in palette.SERIES_LIGHT:
        assert palette.contrast(color, "#ffffff") == pytest.approx(contrast(color, "#ffffff"))


def test_activations_keep_their_color_whatever_else_is_on_the_page():
    alone = palette.assign([("relu",)])["relu"]
    crowded = palette.assign([tuple(f"thing {n}" for n in range(9)), ("relu", "sigmoid")])["relu"]
    assert alone == crowded


@pytest.mark.parametrize("count", range(1, 13))
def test_things_seen_together_differ(count):
    keys = [f"remedy {n}" for n in range(count)]
    styles = palette.assign([("relu", *keys)])
    seen = {(style.color, style.dash) for style in styles.values()}
    assert len(seen) == count + 1
    if count < 8:
        assert len({style.color for style in styles.values()}) == count + 1


def test_more_things_than_styles_still_get_one():
    assert len(palette.assign([[f"k{n}" for n in range(50)]])) == 50


def test_a_family_takes_the_ramp_in_the_order_of_its_numbers():
    styles = palette.assign([("l2=0.01", "l2=1e-4"), ("l2=1", "l2=0.01")])
    ranks = {key: int(style.color.rpartition("-")[2]) for key, style in styles.items()}
    assert ranks["l2=1e-4"] == 1
    assert ranks["l2=1e-4"] < ranks["l2=0.01"] < ranks["l2=1"] == 12


def test_a_key_that_only_looks_like_a_family_is_an_ordinary_one():
    assert palette.assign([("a=b", "a=--", "=")])["a=--"].color.startswith("--series")
