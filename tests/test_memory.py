"""Memory: weights of past gradients, half-life, mean age, and the lab that shows them.

Closed forms are compared with sums over the weights themselves, and these with the library's rules.
"""

import re

import numpy as np
import pytest

from course_lib import adagrad, memory, rmsprop, theory

BETAS = (0.0, 0.3, 0.5, 0.9, 0.95, 0.99, 0.999)
every_beta = pytest.mark.parametrize("beta", BETAS)


def weights(beta: float, n: int = 60_000) -> np.ndarray:
    """Of the gradient of k steps ago, k = 0 … n − 1, made by the recursion for s itself."""
    made = np.empty(n)
    made[0] = 1 - beta
    for k in range(1, n):
        made[k] = beta * made[k - 1]
    return made


@every_beta
def test_half_of_all_weight_is_younger_than_the_half_life(beta: float) -> None:
    """Also between whole steps: the weight of h steps, interpolated geometrically."""
    older_than = 1 - np.append(0.0, np.cumsum(weights(beta, 2000)))  # βⁿ
    half = theory.half_life(beta)
    n = int(half)
    assert older_than[n] >= 0.5 >= older_than[n + 1]
    if beta:
        inside = np.log(older_than[n] / 0.5) / np.log(older_than[n] / older_than[n + 1])
        assert n + inside == pytest.approx(half, rel=1e-9)


@every_beta
def test_mean_age_is_the_mean_of_the_ages_by_weight(beta: float) -> None:
    w, ages = weights(beta), np.arange(60_000)
    assert theory.mean_age(beta) == pytest.approx(np.average(ages, weights=w), rel=1e-9)
    assert theory.mean_age(beta, newest=1) == pytest.approx(np.average(ages + 1, weights=w))
    assert theory.mean_age(beta, newest=1) == pytest.approx(1 / (1 - beta))


def test_known_numbers() -> None:
    assert theory.half_life(0.9) == pytest.approx(6.5788, abs=1e-4)  # and not 10
    assert theory.mean_age(0.9) == pytest.approx(9.0)
    assert theory.half_life(0.5) == pytest.approx(1.0)
    assert theory.half_life(0.0) == 0.0


def test_arrays_of_beta() -> None:
    betas = np.array(BETAS)
    for function in (theory.half_life, theory.mean_age):
        assert np.array_equal(function(betas), [function(beta) for beta in BETAS])


@pytest.mark.parametrize("beta", [1.0, -0.1, np.nan, [0.5, 1.0]])
@pytest.mark.parametrize("function", [theory.half_life, theory.mean_age])
def test_beta_out_of_range(function, beta) -> None:
    with pytest.raises(ValueError, match="beta must be at least 0 and below 1"):
        function(beta)


# The lab


def last_step(rule, t: int, **settings: float) -> float:
    """The length of step t of a rule whose gradients are 1 up to step 30, then 0.1; η = 1."""
    gradients = iter([1.0] * 30 + [0.1] * 70)
    walk = rule(lambda x: np.array([next(gradients)]), np.zeros(1), lr=1.0, **settings)
    x = [0.0, *(next(walk)[0] for _ in range(t))]
    return x[-2] - x[-1]


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99, 0.9999])
@pytest.mark.parametrize("t", [1, 30, 31, 50, 100])
def test_the_read_out_tells_the_steps_that_the_rules_make(beta: float, t: int) -> None:
    panel = memory(beta, t)
    told = re.search(r"the step is (\S+) η with RMSProp, (\S+) η with AdaGrad", panel.says)
    due = last_step(rmsprop, t, beta=beta), last_step(adagrad, t)
    assert [float(number) for number in told.groups()] == pytest.approx(due, rel=0.06)
    assert np.allclose(panel.weights, weights(beta, t))
    assert panel.weights.sum() == pytest.approx(1 - beta**t)  # the rest lies on s = 0 at the start


def test_every_position_of_the_sliders_makes_a_picture() -> None:
    panel = memory()
    pictures = set()
    for beta in (0.0, 0.3, 0.9, 0.99, 0.9999):
        for t in (1, 29, 30, 31, 100):
            panel.controls["beta"].value, panel.controls["t"].value = beta, t
            assert f"β = {beta:.6g}: half-life" in panel.says and f"At t = {t} " in panel.says
            pictures.add(panel.figure.png())
    assert len(pictures) == 25
    assert all(control.description for control in panel.controls.values())
