"""The examples to try by hand in the exercises: every number in their sentences is computed here.

A sentence is found by its exercise; its numbers are those that the right answer gives.
"""

import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import nbformat
import numpy as np
import pytest

from course_lib import optimizers

ROOT = Path(__file__).parent.parent


def sentence(name: str, begins: str = "An example to try by hand") -> str:
    """The paragraph of a solution that has these words."""
    notebook = nbformat.read(ROOT / f"solutions/{name}/{name}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    return next(line for line in text.split("\n") if begins in line)


def first(rule: Callable, start: float, steps: int, slope: float = 2.0, **settings: float) -> list:
    """The first points on f(x) = slope/2 · x²."""
    run = rule(lambda x: slope * x, np.array([start]), **settings)
    return [float(point[0]) for point in islice(run, steps)]


HALVES = {"beta1": 0.5, "beta2": 0.5}
POINTS = {  # the exercise: the points, in the order in which the sentence names them
    "01_gradient_descent": first(optimizers.gradient_descent, 1.0, 1, lr=0.1),
    "03_momentum": first(optimizers.momentum, 1.0, 2, lr=0.1, beta=0.5),
    "04_nesterov": first(optimizers.nesterov, 1.0, 2, lr=0.1, beta=0.5),
    "05_adagrad": first(optimizers.adagrad, 1.0, 2, lr=0.2, eps=0.0),
    "06_rmsprop": first(optimizers.rmsprop, 1.0, 1, lr=0.1, beta=0.75, eps=0.0),
    "08_adam": first(optimizers.adam, 1.0, 2, lr=0.1, eps=0.0, **HALVES),
    "09_adamax": first(optimizers.adamax, 1.0, 2, lr=0.1, **HALVES),
    "11_adamw": first(optimizers.adamw, 2.0, 1, lr=0.1, weight_decay=0.5, eps=0.0),
}


def says(text: str, number: float) -> bool:
    """Whether a number stands in the text, rounded to the digits that it has there."""
    told = re.findall(r"-?\d+(?:\.\d+)?", text)
    return any("." in t and float(t) == round(number, len(t.split(".")[1])) for t in told) or any(
        "." not in t and float(t) == number for t in told
    )


@pytest.mark.parametrize("name", POINTS)
def test_the_points_are_those_of_the_rule(name: str) -> None:
    text = sentence(name)
    for point in POINTS[name]:
        assert says(text, point), (point, text)


def test_a_wrong_digit_is_seen() -> None:
    assert not says("the first points are 0.9 and 0.8003", POINTS["08_adam"][1])


def test_momentums_point_in_the_exercise_of_nesterov() -> None:
    assert says(sentence("04_nesterov"), POINTS["03_momentum"][1])


def test_adadelta() -> None:
    (point,) = first(optimizers.adadelta, 1.0, 1, beta=0.5, eps=0.25)
    assert point == pytest.approx(1 / 3) and r"\frac13" in sentence("07_adadelta")


def test_the_mean_and_the_maximum_of_adamax() -> None:
    g1, g2 = 2.0, 2 * POINTS["09_adamax"][0]
    mean = (0.25 * g1 + 0.5 * g2) / 0.75
    assert says(sentence("09_adamax"), mean) and says(sentence("09_adamax"), max(0.5 * g1, g2))


def test_nadam() -> None:
    (point,) = first(optimizers.nadam, 1.0, 1, slope=1.0, lr=0.1, eps=0.0, **HALVES)
    assert says(sentence("10_nadam"), point)
    text = sentence("10_nadam", "An example:")
    m = 0.5 * 2 + 0.5 * 1
    for number in (
        0.5 * 2 / 0.75,
        0.5 / 0.75,
        0.5 * m / (1 - 0.5**3),
        0.5 * m / 0.875 + 0.5 / 0.75,
    ):
        assert says(text, number), number


def test_one_row_of_least_squares() -> None:
    a, b = np.array([1.0, 2.0]), 3.0
    assert "$(-3, -6)$" in sentence("02_stochastic_gradient_descent")
    np.testing.assert_array_equal((a @ np.zeros(2) - b) * a, [-3, -6])


def test_the_gradient_of_one_image() -> None:
    p = np.exp([0.0, 0.0]) / np.exp([0.0, 0.0]).sum()
    np.testing.assert_array_equal(p - [0, 1], [0.5, -0.5])
    assert "(½, −½)" in sentence("13_training_a_network")
