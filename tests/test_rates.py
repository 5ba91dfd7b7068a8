"""Predicted against measured: the rates of the phase map, and what it means to have arrived."""

import numpy as np
import pytest

from course_lib import descend, momentum, nesterov, parabola, phase_map, ravine, sweep, theory
from course_lib.descent import Path


@pytest.mark.parametrize("rule", [momentum, nesterov])
def test_the_phase_map_measures_what_it_predicts_within_two_percent(rule):
    panel = phase_map(rule, on=ravine(), lr=0.5, beta=0.5)
    compared = 0
    for lr in np.geomspace(0.01, 1.9, 12):
        for beta in panel.controls["beta"].grid[:100:9]:
            panel.controls["lr"].value, panel.controls["beta"].value = lr, beta
            for predicted, measured in zip(panel.predicted, panel.measured, strict=True):
                if np.isfinite(measured):  # rounding does not hide it
                    assert measured == pytest.approx(predicted, rel=0.02), (lr, beta)
                    compared += 1
    assert compared > 150


@pytest.mark.parametrize(
    ("rule", "speed", "beta", "word"),
    [
        (momentum, 0.01, 0.5, "monotone"),
        (momentum, 1.0, 0.5, "ripples"),
        (momentum, 2.95, 0.5, "oscillating"),
        (momentum, 3.0, 0.5, "diverging"),
        (momentum, 3.8, 0.9, "diverging"),
        (nesterov, 1.0, 0.9, "at once"),
        (nesterov, 0.5, 0.9, "ripples"),
        (nesterov, 1.2, 0.9, "oscillating"),
        (nesterov, 1.9 * 2 / 2.8, 0.9, "diverging"),
        ("gradient_descent", 0.5, 0.0, "monotone"),
        ("gradient_descent", 1.0, 0.0, "at once"),
        ("gradient_descent", 1.5, 0.0, "oscillating"),
        ("gradient_descent", 2.0, 0.0, "diverging"),
    ],
)
def test_the_regimes_have_their_names(rule, speed, beta, word):
    assert theory.regime(rule, 1.0, speed, beta) == word


def test_the_regime_of_the_best_pair_does_not_hang_on_rounding():
    rng = np.random.default_rng(0)
    for smallest, ratio in zip(rng.uniform(0.1, 2, 100), rng.uniform(1.5, 500, 100), strict=True):
        best = theory.best_settings(momentum, smallest, ratio * smallest)
        words = theory.regime(momentum, np.array([smallest, ratio * smallest]), **best)
        assert words.tolist() == ["monotone", "oscillating"]


def test_settled_is_the_step_from_which_on_the_gap_stays_small():
    gaps = np.array([8.0, 0.5, 3.0, 0.4, 0.3, 0.2])
    points = np.sqrt(2 * gaps)[:, np.newaxis]
    path = Path("mine", parabola(), {}, points, gaps)
    assert path.reached(1.0) == 1 and path.settled(1.0) == 3
    assert path.settled(10.0) == 0 and path.settled(0.1) is None
    assert path.settled(0.2) == 5


def test_settled_in_a_sweep_is_that_of_each_run_alone():
    betas = np.array([0.0, 0.5, 0.9, 0.99])
    grid = sweep(momentum, ravine(), lr=0.5, beta=betas, steps=200)
    for beta, step in zip(betas, grid.settled(1e-3), strict=True):
        alone = descend(momentum, ravine(), lr=0.5, beta=beta, steps=200).settled(1e-3)
        assert (alone is None and np.isnan(step)) or alone == step
    assert np.isnan(grid.settled(1e-3)[-1]) and np.isfinite(grid.settled(1e-3)[0])
