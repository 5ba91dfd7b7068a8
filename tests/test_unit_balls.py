"""The unit balls of lesson 14: each step is the farthest point of its ball, and can be dragged."""

import numpy as np
import pytest

from course_lib.labs.unit_balls import BALLS, on_a_spectral_ball, outline, strengths, unit_balls

ANGLE = np.linspace(0, 2 * np.pi, 100_001)
AROUND = np.column_stack([np.cos(ANGLE), np.sin(ANGLE)])
RNG = np.random.default_rng(0)
GRADIENTS = RNG.normal(size=(20, 2))


@pytest.mark.parametrize("shape", BALLS)
def test_no_point_of_the_ball_goes_down_further(shape: str) -> None:
    step = BALLS[shape][2]
    for g, ratio in zip(GRADIENTS, 10 ** RNG.uniform(-1, 1, 20), strict=True):
        edge = outline(shape, AROUND, ratio)
        assert -g @ step(g, ratio) == pytest.approx((-edge @ g).max(), rel=1e-6)


def test_the_spectral_step_is_u_v_and_strengths_are_singular_values() -> None:
    for g in GRADIENTS:
        u, s, v = np.linalg.svd([[g[0], g[1]], [g[1], g[0]]])
        a, b = on_a_spectral_ball(g)
        np.testing.assert_allclose([[a, b], [b, a]], -u @ v, atol=1e-12)
        np.testing.assert_allclose(strengths(g), s)


def test_the_gradient_is_put_where_it_is_dragged_and_none_is_refused() -> None:
    panel = unit_balls()
    before = panel.figure.png()
    panel.take(0.3, 0.9)
    assert panel.figure.png() != before
    np.testing.assert_array_equal(panel.steps["square"], [-1, -1])
    np.testing.assert_allclose(panel.steps["spectral"], [0, -1])
    panel.take(30.0, 40.0)
    assert np.linalg.norm(panel.gradient) == pytest.approx(1.6)
    panel.take(0.0, 0.0)
    assert np.linalg.norm(panel.gradient) == pytest.approx(1.6)
    assert "Muon (0, -1), strengths 1.00 and 1.00" in panel.says


def test_no_gradient_gives_the_square_and_the_spectral_ball_the_same_step() -> None:
    """The answer to the question beside the picture."""
    panel = unit_balls()
    for g in GRADIENTS:
        panel.take(*g)
        assert not np.allclose(panel.steps["square"], panel.steps["spectral"])
