"""The three classic races of lesson 12, recomputed: plain numbers, and none of course_lib's rules.

Their functions, starts, rates and numbers of steps are those of the animations that are all over
the web; where those leave a decay or ε unsaid, it is the usual one, written out here.
"""

import math
from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
from cells import run_cell

from course_lib.labs.race import Race

LESSON = Path(__file__).parent.parent / "notebooks/12_the_race.ipynb"

Slope = Callable[[float, float], tuple[float, float]]


def saddle(x: float, y: float) -> tuple[float, float]:
    """The slopes of −x²/2 + y²."""
    return -x, 2 * y


def cubic(x: float, y: float) -> tuple[float, float]:
    """The slopes of x² + y² + y³ + xy."""
    return 2 * x + y, 2 * y + 3 * y * y + x


def ravine(x: float, y: float) -> tuple[float, float]:
    """The slopes of x²/20 + y²."""
    return x / 10, 2 * y


RACES = {  # name: slopes, start, steps, and η of each rule
    "saddle": (
        saddle, (1e-5, 0.5), 500,
        {"gradient_descent": 0.05, "momentum": 0.05, "nesterov": 0.01, "adagrad": 0.05,
         "rmsprop": 0.05, "adadelta": None, "adam": 0.05},
    ),
    "cubic": (
        cubic, (2.0, 3.0), 150,
        {"gradient_descent": 0.01, "momentum": 0.01, "nesterov": 0.01, "adagrad": 0.5,
         "rmsprop": 0.1, "adam": 0.1},
    ),
    "ravine": (
        ravine, (-7.0, 2.0), 100,
        {"gradient_descent": 0.95, "momentum": 0.1, "adagrad": 1.5, "rmsprop": 0.05, "adam": 0.3},
    ),
}  # fmt: skip
BETA2_OF_ADAM = {"saddle": 0.999, "cubic": 0.99, "ravine": 0.999}


def walk(name: str, race: str) -> list[tuple[float, float]]:
    """The points of a run, one number at a time; it ends before the first that is not finite."""
    slopes, at, steps, rates = RACES[race]
    eta, beta2 = rates[name], BETA2_OF_ADAM[race]
    state = [[0.0, 0.0], [0.0, 0.0]]  # two numbers for each coordinate
    points = [at]
    for t in range(1, steps + 1):
        place = at
        if name == "nesterov":
            place = tuple(x + 0.9 * s[0] for x, s in zip(at, state, strict=True))
        try:
            moves = [
                move(name, g, s, t, eta, beta2) for g, s in zip(slopes(*place), state, strict=True)
            ]
        except OverflowError:
            break
        at = tuple(x + by for x, by in zip(at, moves, strict=True))
        if not all(math.isfinite(x) for x in at):
            break
        points.append(at)
    return points


def move(name: str, g: float, s: list[float], t: int, eta: float | None, beta2: float) -> float:
    """The step of one coordinate with the slope g; ``s`` is what is remembered, and changes."""
    if name == "gradient_descent":
        return -eta * g
    if name in ("momentum", "nesterov"):
        s[0] = 0.9 * s[0] - eta * g
        return s[0]
    if name == "adagrad":
        s[0] += g * g
        return -eta * g / (math.sqrt(s[0]) + 1e-10)
    if name == "rmsprop":
        s[0] = 0.9 * s[0] + 0.1 * g * g
        return -eta * g / (math.sqrt(s[0]) + 1e-8)
    if name == "adadelta":
        s[0] = 0.95 * s[0] + 0.05 * g * g
        by = -math.sqrt(s[1] + 1e-6) / math.sqrt(s[0] + 1e-6) * g
        s[1] = 0.95 * s[1] + 0.05 * by * by
        return by
    s[0] = 0.9 * s[0] + 0.1 * g
    s[1] = beta2 * s[1] + (1 - beta2) * g * g
    return -eta * s[0] / (1 - 0.9**t) / (math.sqrt(s[1] / (1 - beta2**t)) + 1e-8)


@pytest.fixture(scope="module")
def races() -> dict[str, Race]:
    """The panels of the lesson's cells with the tag "classic", by the names of RACES."""
    names: dict[str, object] = {"__name__": "__main__"}
    cells = [c for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    run_cell(cells[0].source, names)  # the imports
    panels = [run_cell(c.source, names) for c in cells if "classic" in c.metadata.get("tags", [])]
    return dict(zip(RACES, panels, strict=True))


@pytest.mark.parametrize("race", RACES)
def test_the_lesson_runs_each_race_as_its_authors_did(race: str, races: dict[str, Race]) -> None:
    slopes, start, steps, rates = RACES[race]
    panel = races[race]
    assert panel.steps == steps and tuple(panel.start) == start and panel.view == "3d"
    assert [path.rule for path in panel.paths] == list(rates)
    for path in panel.paths:
        assert path.hyperparameters.get("lr") == rates[path.rule]
        expected = walk(path.rule, race)
        reached = min(len(path.points), len(expected))
        assert reached >= 24 and (path.diverged or reached == steps + 1)
        np.testing.assert_allclose(path.points[:reached], expected[:reached], rtol=1e-6, atol=1e-9)
    x, y = 0.3, -0.7
    np.testing.assert_allclose(panel.landscape.grad(np.array([x, y])), slopes(x, y))


@pytest.mark.parametrize(
    ("rule", "leaves", "overflows"), [("momentum", 8, 27), ("nesterov", 9, 26)]
)
def test_momentum_is_thrown_out_of_the_cubic_and_explodes(
    rule: str, leaves: int, overflows: int, races: dict[str, Race]
) -> None:
    points = walk(rule, "cubic")
    assert next(t for t, (_, y) in enumerate(points) if y < -1.5) == leaves
    assert len(points) == overflows  # with the start: the step of this number is not finite
    path = next(path for path in races["cubic"].paths if path.rule == rule)
    assert path.diverged and abs(path.diverged - len(points)) <= 2


def test_no_other_run_of_the_classics_explodes(races: dict[str, Race]) -> None:
    diverged = {(r, p.rule) for r, panel in races.items() for p in panel.paths if p.diverged}
    assert diverged == {("cubic", "momentum"), ("cubic", "nesterov")}


def test_on_the_saddle_nesterov_is_late_for_its_rate_alone() -> None:
    left = {name: next(t for t, (x, _) in enumerate(walk(name, "saddle")) if abs(x) > 1)
            for name in ("gradient_descent", "momentum", "nesterov")}  # fmt: skip
    assert left == {"gradient_descent": 236, "momentum": 66, "nesterov": 182}
