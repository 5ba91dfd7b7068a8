"""One run from the inside, the table of units, and the steps of a rule that is fed gradients."""

import re

import numpy as np
import pytest

from course_lib.descent import descend, steps_on
from course_lib.labs.inside import inside
from course_lib.labs.units_table import units_table
from course_lib.landscapes import Landscape, parabola, ravine, with_noise
from course_lib.measure.invariance import Change
from course_lib.optimizers import (
    adadelta,
    adagrad,
    adam,
    adamax,
    gradient_descent,
    momentum,
    rmsprop,
)

# Fed with gradients


def test_what_a_rule_is_fed_is_what_it_sees_in_a_run() -> None:
    path = descend(adam, ravine(), steps=30, lr=0.2)
    gradients = ravine().grad(path.points[:-1])
    moves = steps_on(adam, gradients, lr=0.2)
    np.testing.assert_allclose(moves, np.diff(path.points, axis=0), rtol=1e-9)
    one_by_one = [steps_on(adam, gradients[:, i], lr=0.2) for i in range(2)]
    np.testing.assert_array_equal(np.transpose(one_by_one), moves)


def test_steps_on_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="one gradient or more"):
        steps_on(adam, [])
    with pytest.raises(TypeError, match="wrong"):
        steps_on(adam, [1.0], wrong=1.0)


# From the inside


def test_what_is_seen_and_done_is_that_of_the_run() -> None:
    panel = inside(adam, on=ravine(), noise=0.5, steps=40, lr=0.2, beta2=0.99)
    noisy = with_noise(ravine(), 0.5, seed=0)
    path = descend(adam, noisy, steps=40, lr=0.2, beta2=0.99)
    np.testing.assert_array_equal(panel.path.points, path.points)
    np.testing.assert_allclose(panel.moves, np.diff(path.points, axis=0) / 0.2)
    np.testing.assert_allclose(panel.moves, -panel.means / panel.sizes, rtol=1e-6)
    again = steps_on(adam, panel.gradients, lr=0.2, beta2=0.99)
    np.testing.assert_allclose(again / 0.2, panel.moves, rtol=1e-7)


def test_without_the_mean_the_steps_never_get_short() -> None:
    panel = inside(adam, on=ravine(), noise=0.5, lr=0.2, beta1=0.9, beta2=0.99)
    with_mean = np.sqrt(np.mean(panel.moves[-50:] ** 2))
    panel.controls["beta1"].value = 0.0
    np.testing.assert_array_equal(panel.means, panel.gradients)
    assert np.sqrt(np.mean(panel.moves[-50:] ** 2)) > 0.8 > 0.35 > with_mean


@pytest.mark.parametrize(
    ("rule", "mean", "size"),
    [(adam, "m̂", "√ŝ"), (rmsprop, "", "√s"), (adamax, "m̂", "u"), (adagrad, "", "√s")],
)
def test_a_rule_shows_what_it_keeps(rule, mean: str, size: str) -> None:
    panel = inside(rule, on=ravine(), steps=20, lr=0.1)
    assert f"{size} = " in panel.says and ("m̂ = " in panel.says) == bool(mean)
    assert (panel.means is None) == (not mean)


def test_every_slider_changes_the_picture_and_the_sentence() -> None:
    panel = inside(adam, on=ravine(), steps=40, noise=0.5, lr=0.2)
    seen = {(panel.figure.png(), panel.says)}
    for name, value in {"lr": 0.4, "beta1": 0.5, "beta2": 0.9, "noise": 2.0, "step": 7}.items():
        panel.controls[name].value = value
        seen.add((panel.figure.png(), panel.says))
    assert len({png for png, _ in seen}) == len({says for _, says in seen}) == 6
    panel.controls["lr"].value = 10.0  # far away, and still a picture
    assert "No result" not in panel.readout.value


def test_inside_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="2 coordinates, not 1"):
        inside(adam, on=parabola())
    with pytest.raises(ValueError, match="adadelta has no lr"):
        inside(adadelta, on=ravine())
    with pytest.raises(ValueError, match="gradient_descent keeps neither"):
        inside(gradient_descent, on=ravine())


# The table of units


def newton(grad, x):
    while True:
        curvature = (grad(x + 1) - grad(x - 1)) / 2
        x = x - grad(x) / curvature
        yield x


DUE = {  # the powers of x and of f by which the number that is the step grows
    gradient_descent: (-1, 1), momentum: (-1, 1), adagrad: (0, 0), rmsprop: (0, 0),
    adadelta: (0, 0), adam: (0, 0), newton: (1, 0),
}  # fmt: skip


def test_the_units_are_measured_and_the_dots_follow_them() -> None:
    table = units_table(*DUE)
    assert list(table.powers.values()) == list(DUE.values())
    for k, c in ((10.0, 1.0), (1.0, 0.01), (0.1, 10.0)):
        table.controls["x"].value, table.controls["f"].value = k, c
        for length, (of_x, of_f) in zip(table.lengths.values(), DUE.values(), strict=True):
            assert length == pytest.approx(k ** (of_x - 1) * c**of_f, rel=0.2)  # with their ε
    assert "Gradient descent in J/m" in table.says and "Newton in m." in table.says


def test_the_units_of_any_rule() -> None:
    def root(grad, x, lr=0.1):
        while True:
            g = grad(x)
            x = x - lr * np.sign(g) * np.sqrt(np.abs(g))
            yield x

    def eager(grad, x, lr=0.01):
        while True:
            g = grad(x)
            x = x - lr * np.linalg.norm(g) * g
            yield x

    table = units_table(root, eager)
    assert list(table.powers.values()) == [(-0.5, 0.5), (-2, 2)]
    assert re.search(r"Root in J\^0\.5/m\^0\.5, Eager in J²/m²\.", table.says)


def test_units_table_on_another_landscape_and_without_rules() -> None:
    hill = Change(shift=3.0).landscape(ravine())
    assert isinstance(hill, Landscape)
    assert units_table(gradient_descent, on=hill).powers == {"Gradient descent": (-1, 1)}
    with pytest.raises(ValueError, match="units_table needs a rule"):
        units_table()
