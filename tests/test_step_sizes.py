"""The effective step size of each coordinate: closed forms, independent formulas, and its picture.

And ``turned``: which rules walk the same path on a turned ravine.
"""

from collections.abc import Callable

import numpy as np
import pytest

from course_lib import descend, step_size_curves, step_sizes, with_noise
from course_lib.family import RULES
from course_lib.labs.turned import turned
from course_lib.landscapes import Landscape, beale, ravine
from course_lib.optimizers import (
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    gradient_descent,
    momentum,
    nadam,
    rmsprop,
)

TILT = np.array([3.0, -0.02])
SLOPE = Landscape("a slope", lambda p: p @ TILT, lambda p: 0 * p + TILT, (0, 0), ((-1, 1), (-1, 1)))
NOISY = with_noise(beale, 0.5)
T = np.arange(1, 51)[:, np.newaxis]
SIMPLE = ("gradient_descent", "momentum", "nesterov", "muon", "schedule_free")
ADAPTIVE = [rule for name, rule in RULES.items() if name not in SIMPLE]


def gradients_on(landscape: Landscape, rule: Callable, steps: int, **settings: float) -> np.ndarray:
    """(steps, d): the gradients that a run was given, noise included."""
    seen = []

    def spying(grad, x, **settings):
        def spied(x):
            seen.append(grad(x))
            return seen[-1]

        return rule(spied, x, **settings)

    descend(spying, landscape, steps=steps, **settings)
    return np.array(seen)


def test_gradient_descent_has_the_learning_rate_for_step_size():
    assert np.array_equal(step_sizes(gradient_descent, beale, lr=0.01), np.full((100, 2), 0.01))


def test_adagrad_on_a_constant_gradient_falls_like_one_over_the_root_of_t():
    sizes = step_sizes(adagrad, SLOPE, steps=50, lr=0.3, eps=0)
    assert np.allclose(sizes, 0.3 / (np.sqrt(T) * np.abs(TILT)), rtol=1e-12)


def test_adam_and_its_kin_on_a_constant_gradient_keep_their_step_size():
    for rule in (adam, nadam, adamw, adamax):
        settings = {"lr": 0.3} | ({} if rule is adamax else {"eps": 0})
        sizes = step_sizes(rule, SLOPE, steps=50, **settings)
        assert np.allclose(sizes, 0.3 / np.abs(TILT), rtol=1e-12)


def test_rmsprop_on_a_constant_gradient_begins_too_large_and_comes_to_rest():
    sizes = step_sizes(rmsprop, SLOPE, steps=50, lr=0.3, beta=0.9, eps=0)
    assert np.allclose(sizes, 0.3 / (np.sqrt(1 - 0.9**T) * np.abs(TILT)), rtol=1e-12)


def test_adagrad_from_the_gradients_that_it_saw():
    g = gradients_on(NOISY, adagrad, 40, lr=0.2, eps=0.1)
    expected = [0.2 / (np.linalg.norm(g[: t + 1], axis=0) + 0.1) for t in range(40)]
    assert np.allclose(step_sizes(adagrad, NOISY, steps=40, lr=0.2, eps=0.1), expected)


def test_adam_from_weighted_means_of_the_gradients_that_it_saw():
    g = gradients_on(NOISY, adam, 40, lr=0.2, beta2=0.9, eps=0.1)
    weights = [0.9 ** np.arange(t, -1, -1) for t in range(40)]
    means = [np.average(g[: t + 1] ** 2, axis=0, weights=weights[t]) for t in range(40)]
    expected = 0.2 / (np.sqrt(means) + 0.1)
    assert np.allclose(step_sizes(adam, NOISY, steps=40, lr=0.2, beta2=0.9, eps=0.1), expected)


def test_adamax_from_the_faded_sizes_of_the_gradients_that_it_saw():
    g = gradients_on(NOISY, adamax, 40, lr=0.2, beta2=0.9)
    faded = [
        np.max(0.9 ** np.arange(t, -1, -1)[:, None] * np.abs(g[: t + 1]), 0) for t in range(40)
    ]
    assert np.allclose(
        step_sizes(adamax, NOISY, steps=40, lr=0.2, beta2=0.9), 0.2 / np.array(faded)
    )


def test_adadelta_from_its_own_moves():
    """Where a gradient is not zero the factor is the move divided by it, in every step."""
    g = gradients_on(NOISY, adadelta, 40)
    moves = np.diff(descend(adadelta, NOISY, steps=40).points, axis=0)
    sizes = step_sizes(adadelta, NOISY, steps=40)
    assert np.allclose(sizes, -moves / g, rtol=1e-6)
    assert np.allclose(sizes[0], np.sqrt(1e-6) / np.sqrt(0.05 * g[0] ** 2 + 1e-6))


def test_adamw_has_the_step_sizes_of_its_gradients_without_the_decay():
    settings = {"lr": 0.1, "beta2": 0.9, "steps": 30}
    sizes = step_sizes(adamw, NOISY, weight_decay=0.5, **settings)
    g = gradients_on(NOISY, adamw, 30, lr=0.1, beta2=0.9, weight_decay=0.5)
    assert np.allclose(sizes[0], 0.1 / (np.abs(g[0]) + 1e-8))
    assert not np.allclose(sizes, step_sizes(adam, NOISY, **settings))


@pytest.mark.parametrize("rule", [r for r in ADAPTIVE if r is not RULES["lion"]])
def test_every_adaptive_rule_has_one_row_a_step(rule):
    for landscape in (ravine(), NOISY):
        sizes = step_sizes(rule, landscape, steps=25)
        assert sizes.shape == (25, 2) and np.all(sizes > 0) and np.isfinite(sizes).all()
    assert step_sizes(rule, beale, steps=0).shape == (0, 2)


def test_a_coordinate_without_a_gradient_has_a_step_size_all_the_same():
    flat = Landscape(
        "flat", lambda p: p[..., 0], lambda p: 0 * p + [1.0, 0.0], (0, 0), ((-1, 1),) * 2
    )
    assert np.allclose(step_sizes(adagrad, flat, steps=5, lr=0.1, eps=0.01)[:, 1], 10)


def test_rows_end_where_the_run_diverges():
    path = descend(gradient_descent, ravine(), lr=5.0, steps=2000)
    assert len(step_sizes(gradient_descent, ravine(), lr=5.0, steps=2000)) == len(path) < 2000


def test_it_works_for_a_rule_of_ones_own_that_uses_the_names():
    def mine(grad, x, lr=0.1, eps=0.0):
        s = np.zeros_like(x)
        while True:
            g = grad(x)
            s = s + g**2
            x = x - lr * g / (np.sqrt(s) + eps)
            yield x

    assert np.array_equal(step_sizes(mine, beale), step_sizes(adagrad, beale, lr=0.1, eps=0))


def test_the_picture_has_a_line_for_each_rule_and_coordinate():
    sizes = {rule.__name__: step_sizes(rule, beale, lr=0.01) for rule in (adagrad, adam)}
    picture = step_size_curves(sizes, title="Two rules")
    lines = picture.figure.axes[0].get_lines()
    assert [line.get_label() for line in lines] == [
        "AdaGrad, x", "AdaGrad, y", "Adam, x", "Adam, y",
    ]  # fmt: skip
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 4
    for line, drawn in zip(lines, np.hstack(list(sizes.values())).T, strict=True):
        assert np.array_equal(line.get_ydata(), drawn) and line.get_xdata()[0] == 1
    assert "AdaGrad, x: " in picture.alt and "Adam, y: " in picture.alt


def test_many_coordinates_are_told_apart_by_shade():
    names = [f"w{i}" for i in range(7)]
    picture = step_size_curves({"adagrad": np.ones((3, 7))}, coordinates=names)
    assert len({line.get_color() for line in picture.figure.axes[0].get_lines()}) == 7


# turned


def rotated(points: np.ndarray, degrees: float) -> np.ndarray:
    """By complex numbers, which turn by a product."""
    z = (points[:, 0] + 1j * points[:, 1]) * np.exp(1j * np.radians(degrees))
    return np.stack([z.real, z.imag], axis=1)


@pytest.mark.parametrize("name", SIMPLE)
def test_rules_that_see_only_the_ground_turn_with_it(name):
    panel = turned([(RULES[name], {"lr": 0.3})], condition=30)
    for angle in (0, 10, 45, 77, 90):
        panel.controls["angle"].value = angle
        assert panel.apart[0] < 1e-12 and "the same path" in panel.says
        level = descend(RULES[name], ravine(30), lr=0.3, steps=60).points
        assert np.allclose(panel.paths[0].points, rotated(level, angle), atol=1e-12)


@pytest.mark.parametrize("rule", ADAPTIVE, ids=lambda rule: rule.__name__)
def test_rules_that_treat_coordinates_apart_do_not(rule):
    settings = {} if rule is adadelta else {"lr": 0.5}
    panel = turned([(rule, settings)], angle=30)
    level = descend(rule, ravine(20), steps=60, **settings).points
    distance = np.hypot(*(panel.paths[0].points - rotated(level, 30)).T).max()
    assert panel.apart[0] == pytest.approx(distance) and distance > 0.01
    for angle in (0, 90):  # the axes are back on axes
        panel.controls["angle"].value = angle
        assert panel.apart[0] < 1e-9


def test_turned_at_every_end_of_every_slider():
    panel = turned([momentum, (adagrad, {"lr": 2.0})], beta=0.8)
    for control in panel.controls.values():
        kept = control.value
        base = getattr(control, "base", None)
        for end in (control.min, control.max):
            control.value = base**end if base else end
            assert "κ = " in panel.says and "nan" not in panel.says + panel.readout.value
            assert len(panel.apart) == 2 and np.isfinite(panel.apart).all()
        control.value = kept
    assert panel.paths[0].hyperparameters["beta"] == 0.8
