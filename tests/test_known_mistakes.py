"""How a known mistake is made of the right answer: edits, and mistakes of every rule."""

from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest

from course_lib import optimizers
from exercise_lib.known_mistakes import edited
from exercise_lib.rule_mistakes import EVERY_RULE


def walk(rule: Callable[..., Iterator[np.ndarray]]) -> np.ndarray:
    """Six points of a rule on ½ (x₁² + 3 x₂²)."""
    return np.array(list(islice(rule(lambda x: x * (1.0, 3.0), np.array([2.0, -1.0])), 6)))


def test_assignment_replaces_the_line_in_the_loop_and_not_the_one_before_it():
    slopes = walk(edited(optimizers.adagrad, "s = g**2"))
    np.testing.assert_allclose(np.abs(np.diff(slopes, axis=0)), 0.01, rtol=1e-6)


def test_assignment_replaces_the_line_before_the_loop_if_there_is_none_in_it():
    def halves(x):
        half = x / 2
        return half

    assert edited(halves, "half = x / 4")(8) == 2


@pytest.mark.parametrize(
    "change",
    ["x → y", "np.sqrt(v) → v", "v = g", "x = x - g"],
    ids=["twice", "nowhere", "no such line", "two such lines"],
)
def test_a_change_must_fit_exactly_once(change: str):
    def rule(grad, x):
        while True:
            g = grad(x)
            x = x - g
            x = x - g
            yield x

    with pytest.raises(ValueError, match="must stand exactly once in rule"):
        edited(rule, change)


@pytest.mark.parametrize("rule", [optimizers.adagrad, optimizers.rmsprop, optimizers.adam])
@pytest.mark.parametrize(
    ("mistake", "changes"),
    [
        ("uphill", ["x - lr → x + lr"]),
        ("never leaves the start", ["x = x - lr → new = x - lr", "yield x → yield new"]),
        ("lr forgotten", ["x - lr * → x - "]),
        ("start first", ["x = x - lr → new = x - lr", "yield x → yield x; x = new"]),
        ("gradient taken once", ["g = grad(x) → g = g if 'g' in locals() else grad(x)"]),
    ],
)
def test_mistake_of_every_rule_is_what_an_edit_makes_of_it(rule, mistake, changes):
    make, hint = EVERY_RULE[mistake]
    np.testing.assert_allclose(walk(make(rule)), walk(edited(rule, *changes)), rtol=1e-9)
    assert not np.allclose(walk(make(rule)), walk(rule), rtol=1e-9)
    assert hint
