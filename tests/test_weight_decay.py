"""What lesson 11 needs: landscapes with a penalty, AdamW's two arrows, maps beside each other."""

import numpy as np
import pytest

from course_lib import (
    adam,
    adamw,
    beale,
    central_difference,
    descend,
    dissect,
    explore,
    gradient_descent,
    least_squares,
    maps,
    parabola,
    penalised,
    ravine,
    saddle,
    with_noise,
)
from course_lib.labs.microscope import parts_of


@pytest.mark.parametrize("landscape", [ravine(7, 0.4), saddle, beale], ids=lambda x: x.name)
def test_a_penalty_adds_half_lambda_x_squared_and_its_gradient(landscape) -> None:
    x = np.random.default_rng(0).normal(size=(5, 2))
    on = penalised(landscape, 0.3)
    np.testing.assert_allclose(on(x), landscape(x) + 0.15 * (x[:, 0] ** 2 + x[:, 1] ** 2))
    np.testing.assert_allclose(on.grad(x), central_difference(on, x), rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(penalised(landscape, 0)(x), landscape(x))


def test_the_minimum_with_a_penalty_is_that_of_ridge_regression() -> None:
    rng = np.random.default_rng(1)
    features, targets = rng.normal(size=(12, 3)), rng.normal(size=12)
    on = penalised(least_squares(features, targets), 0.4)
    rows = np.vstack([features, np.sqrt(12 * 0.4) * np.eye(3)])  # a penalty is more data: zeros
    ridge = np.linalg.lstsq(rows, np.append(targets, np.zeros(3)))[0]
    np.testing.assert_allclose(on.minima[0], ridge)
    np.testing.assert_allclose(on.grad(np.array(on.minima[0])), 0, atol=1e-12)
    np.testing.assert_allclose(on.hessian, features.T @ features / 12 + 0.4 * np.eye(3))
    assert penalised(beale, 0.4).minima == () and penalised(parabola(), 1).dim == 1


def test_a_run_sees_the_penalty_also_through_batches_and_noise() -> None:
    rng = np.random.default_rng(2)
    rows = least_squares(rng.normal(size=(12, 2)), rng.normal(size=12), batch=3, seed=5)
    x = np.array([1.0, -2.0])
    for on in (rows, with_noise(ravine(), 0.5, seed=3)):
        seen = penalised(on, 0.7).oracle()(x)
        np.testing.assert_allclose(seen, on.oracle()(x) + 0.7 * x)


@pytest.mark.parametrize("lam", [-1, np.inf, np.nan])
def test_a_penalty_must_be_a_number_from_0(lam) -> None:
    with pytest.raises(ValueError, match="weight_decay must be 0 or larger and finite"):
        penalised(ravine(), lam)


def test_penalty_and_decay_are_equal_for_gradient_descent() -> None:
    x = np.array(ravine().start)
    path = descend(gradient_descent, penalised(ravine(), 0.3), steps=50, lr=0.2).points
    for point in path[1:]:
        x = (1 - 0.2 * 0.3) * x - 0.2 * ravine().grad(x)
        np.testing.assert_allclose(point, x, atol=1e-12)


def test_the_microscope_shows_adams_step_and_the_decay() -> None:
    _, steps = dissect(adamw, beale, steps=20, lr=0.1, weight_decay=0.5)
    plain = dissect(adam, beale, steps=1, lr=0.1)[1][0]
    for step in steps:
        parts = parts_of(step)
        assert list(parts) == ["−η m̂/√ŝ", "−ηλ x"]
        np.testing.assert_allclose(parts["−ηλ x"], -0.05 * step.start)
        np.testing.assert_allclose(sum(parts.values()), step.move)
    np.testing.assert_allclose(parts_of(steps[0])["−η m̂/√ŝ"], plain.move)


def test_a_penalty_in_the_gradient_is_no_arrow_of_its_own() -> None:
    def adam_l2(grad, x, lr=0.1, eps=1e-8, weight_decay=0.5):
        m = s = np.zeros_like(x)
        while True:
            g = grad(x) + weight_decay * x
            m, s = 0.9 * m + 0.1 * g, 0.9 * s + 0.1 * g**2
            m_hat, s_hat = 1.0 * m, 1.0 * s
            x = x - lr * m_hat / (np.sqrt(s_hat) + eps)
            yield x

    step = dissect(adam_l2, beale, steps=3)[1][2]
    assert list(parts_of(step)) == ["along x", "along y"]


def test_maps_beside_each_other_share_their_colours() -> None:
    x, y = np.geomspace(0.1, 1, 3), np.geomspace(1, 100, 4)
    low, high = np.arange(12.0).reshape(3, 4), np.arange(12.0)[::-1].reshape(3, 4) + 5
    picture = maps(x, y, {"a": low, "b": high}, "T", "η", "λ", "loss", alt="Two maps.", top=9)
    first, second, bar = picture.figure.axes
    assert [ax.get_title("left") for ax in (first, second)] == ["a", "b"]
    assert first.collections[0].get_clim() == second.collections[0].get_clim() == (0, 9)
    assert bar.get_ylabel() == "loss" and repr(picture) == "Two maps."
    stars = [
        (line.get_xdata()[0], line.get_ydata()[0]) for ax in (first, second) for line in ax.lines
    ]
    np.testing.assert_allclose(stars, [(0.1, 1), (1, 100)])
    assert picture.png().startswith(b"\x89PNG")


def test_explore_draws_the_box_that_adamw_cannot_leave() -> None:
    on = ravine()
    panel = explore(adamw, on, steps=20, lr=0.1, weight_decay=(0.5, 0.0, 1.0))
    x, y = panel._border.get_data()
    assert (x.min(), x.max(), y.min(), y.max()) == (-2, 2, -2, 2)
    assert "1/λ = 2" in panel.says and panel._border_name.get_text() == "|x|, |y| ≤ 1/λ = 2"
    panel.controls["weight_decay"].value = 0.0
    assert panel._border.get_data()[0].size == 0 and panel._border_name.get_text() == ""


def test_a_box_is_told_of_adamw_with_exact_gradients_alone() -> None:
    for rule, on in ((adam, ravine()), (adamw, with_noise(ravine(), 0.5)), (adamw, parabola())):
        assert "1/λ" not in explore(rule, on, steps=5).says
