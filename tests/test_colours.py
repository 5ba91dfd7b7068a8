"""What is drawn together is told apart, by eyes without one kind of cone too.

Colours are compared as such eyes see them: the matrices of Machado, Oliveira & Fernandes (2009,
full severity, on linear RGB), and then the distance in OKLab (Ottosson 2020), where 0.02 is about
what one just notices between two patches side by side. Lines are thin, so much more is asked.
"""

from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from course_lib.family import FAMILY, LOOKS
from course_lib.labs.microscope import PART_COLOURS
from course_lib.labs.phase_map import DIRECTIONS, RATES
from course_lib.pictures.style import (
    DARK_GROUND,
    GROUND,
    IN_THE_DARK,
    OTHERS,
    STYLE,
    THEMES,
    in_theme,
    look_of,
    shade,
    theme,
)

EYES = {
    "all cones": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
OPPONENTS = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]
LINES = 0.07  # lines told apart by colour alone; the closest pair of Okabe & Ito has 0.076
GROUNDS = 0.1  # a line from what it is drawn on


def linear(colour) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def seen(colour, eyes: str) -> np.ndarray:
    """The colour in OKLab as these eyes see it."""
    light = np.clip(np.array(EYES[eyes]) @ linear(colour), 0, 1)
    return np.array(OPPONENTS) @ np.cbrt(np.array(CONES) @ light)


def distance(one, other) -> float:
    """How far apart two colours are for the eyes that see the least difference."""
    return min(float(np.linalg.norm(seen(one, eyes) - seen(other, eyes))) for eyes in EYES)


def test_the_measure_knows_what_is_known():
    assert np.allclose(np.sum(list(EYES.values()), axis=2), 1, atol=1e-5)  # grey stays grey
    assert np.allclose(seen("#ffffff", "all cones"), [1, 0, 0], atol=1e-3)
    red, green = "#c04040", "#508040"  # the pair that everybody knows
    apart = {eyes: np.linalg.norm(seen(red, eyes) - seen(green, eyes)) for eyes in EYES}
    assert apart["no green"] < 0.3 * apart["all cones"]
    assert apart["no blue"] > 0.7 * apart["all cones"]
    usual = matplotlib.colormaps["tab10"].colors  # what matplotlib takes is not safe
    assert min(distance(a, b) for a, b in combinations(usual, 2)) < LINES / 2


RULES = {**LOOKS, **{f"yours {i}": look for i, look in enumerate(OTHERS)}}


RACERS = {"gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adadelta", "adam"}
RACERS |= {"adamax", "nadam", "adamw"}  # drawn together in the last lessons
RELATIVES = {  # child and parent: always drawn together
    frozenset((child, parent)) for child, member in FAMILY.items() for parent in member.parents
}


def told_apart_by(a, b) -> set[str]:
    """In what two looks differ, for all eyes, on the paper of now."""
    apart = {name for name in ("marker", "line") if getattr(a, name) != getattr(b, name)}
    far = distance(shade(a.colour), shade(b.colour)) >= LINES
    return apart | ({"colour"} if far else set())


@pytest.mark.parametrize("name", THEMES)
def test_any_two_rules_differ_in_two_of_colour_marker_and_line_and_relatives_in_all(name):
    with in_theme(name):
        for one, other in combinations(RULES, 2):
            apart = told_apart_by(RULES[one], RULES[other])
            due = 3 if frozenset((one, other)) in RELATIVES else 2
            assert len(apart) >= due, (one, other, apart)


@pytest.mark.parametrize("name", THEMES)
def test_in_black_and_white_rules_are_told_apart(name):
    """Any two by marker or line, relatives by both; those of the great race by a second thing, too.

    That is the other of the two, or how light their colours are.
    """
    with in_theme(name):
        for one, other in combinations(RULES, 2):
            a, b = RULES[one], RULES[other]
            apart = told_apart_by(a, b) - {"colour"}
            light = [seen(shade(look.colour), "all cones")[0] for look in (a, b)]
            assert apart
            if frozenset((one, other)) in RELATIVES:
                assert apart == {"marker", "line"}, (one, other)
            elif {one, other} <= RACERS:
                assert len(apart) + (abs(light[0] - light[1]) > 0.025) >= 2, (one, other, light)


@pytest.mark.parametrize("name", THEMES)
def test_a_path_stands_out_from_the_ground(name):
    with in_theme(name):
        for rule, look in RULES.items():
            for at in (0.0, 0.5, 1.0):
                assert distance(shade(look.colour), theme().ground(at)) > GROUNDS, (rule, at)


def test_the_dark_theme_changes_style_and_looks_and_the_light_one_comes_back():
    light = dict(STYLE)
    with in_theme("dark") as dark:
        assert to_rgb(STYLE["figure.facecolor"]) == to_rgb(dark.paper)
        assert look_of("gradient_descent").colour == IN_THE_DARK["#000000"]
        with in_theme("light"):
            assert dict(STYLE) == light and look_of("adam") is LOOKS["adam"]
        assert theme() is dark and STYLE["text.color"] == dark.ink
    assert dict(STYLE) == light and theme() is THEMES["light"]
    with pytest.raises(ValueError, match="light, dark"), in_theme("blue"):
        pass


@pytest.mark.parametrize("name", THEMES)
def test_words_and_marks_stand_out_from_the_paper(name):
    at = THEMES[name]
    for colour in (at.ink, at.soft, at.faint, at.signal):
        assert distance(colour, at.paper) > 3 * GROUNDS
    assert distance(at.contour, at.paper) > GROUNDS


def test_curves_without_a_rule_are_told_apart():
    colours = STYLE["axes.prop_cycle"].by_key()["color"]
    for one, other in combinations((f"#{c.lstrip('#')}" for c in colours), 2):
        assert distance(one, other) > LINES, (one, other)


@pytest.mark.parametrize("name", THEMES)
def test_the_parts_of_a_step_are_told_apart(name):
    with in_theme(name):
        for one, other in (("β v", "−η g"), ("along x", "along y"), ("−η m̂/√ŝ", "−ηλ x")):
            assert distance(shade(PART_COLOURS[one]), shade(PART_COLOURS[other])) > LINES


def test_the_two_directions_of_a_phase_map_are_told_apart():
    (_, flat, disc), (_, steep, square) = DIRECTIONS
    assert distance(flat, steep) > LINES and disc != square


@pytest.mark.parametrize(
    "name",
    [RATES, GROUND, DARK_GROUND, *map(matplotlib.colormaps.get_cmap, ("viridis_r", "Greys"))],
    ids=lambda colours: colours.name,
)
def test_a_map_goes_one_way_from_light_to_dark_for_all_eyes(name):
    for eyes in EYES:
        light = np.array([seen(name(at), eyes)[0] for at in np.linspace(0, 1, 33)])
        steps = np.diff(light) * np.sign(light[-1] - light[0])
        assert steps.min() > 0


def test_the_two_signs_of_weights_are_told_apart():
    signs = matplotlib.colormaps["RdBu"]
    for size in (0.25, 0.5, 0.9):
        assert distance(signs(0.5 - size / 2), signs(0.5 + size / 2)) > LINES / 2
