"""Exact predictions on quadratics, against simulation, brute force and closed forms."""

import re
from collections.abc import Callable
from functools import partial
from itertools import islice, pairwise, product

import numpy as np
import pytest

from course_lib import theory
from course_lib.family import RULES
from course_lib.landscapes import parabola, ravine
from course_lib.optimizers import adam, gradient_descent, momentum, nesterov

KNOWN = (gradient_descent, momentum, nesterov)
BETAS = np.array([0.0, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99])

known_rule = pytest.mark.parametrize("rule", KNOWN, ids=lambda rule: rule.__name__)
with_velocity = pytest.mark.parametrize(
    "rule", [momentum, nesterov], ids=lambda rule: rule.__name__
)


def run(rule: Callable, curvature: object, steps: int, x: object, **settings: object) -> np.ndarray:
    """(steps + 1, …): the path on ½ λ x², by the rule itself."""
    start = np.array(x, dtype=float)
    return np.array([start, *islice(rule(lambda x: curvature * x, start, **settings), steps)])


def states(path: np.ndarray) -> np.ndarray:
    """(steps + 1, 2): the (x, v) along a path of one coordinate, v being the last step."""
    return np.column_stack([path, np.diff(path, prepend=path[:1])])


def radius(rule: Callable, curvature: np.ndarray, lr: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """ρ from the roots of z² − trace · z + determinant, worked out by hand."""
    if rule is gradient_descent:
        return np.abs(1 - lr * curvature)
    kept = beta if rule is momentum else beta * (1 - lr * curvature)
    trace = 1 - lr * curvature + kept
    root = np.emath.sqrt(trace**2 - 4 * kept + 0j)
    return np.maximum(np.abs(trace + root), np.abs(trace - root)) / 2


def measured_rate(path: np.ndarray) -> float:
    """By how much the size of (x, v) shrinks or grows a step, late in a run of (steps + 1, d).

    Taken between the largest sizes in two windows far apart, as turning states wobble.
    """
    size = np.abs(np.concatenate([path[1:], np.diff(path, axis=0)], axis=1)).max(axis=1)
    usable = np.flatnonzero((size > 1e-280) & (size < 1e280))
    window = len(usable) // 4
    early, late = (
        size[window : 2 * window].max(),
        size[usable[-1] + 1 - window : usable[-1] + 1].max(),
    )
    return (late / early) ** (1 / (usable[-1] + 1 - 2 * window))


# Contraction and stability


@pytest.mark.parametrize("curvature", [0.1, 1.0, 7.0])
@pytest.mark.parametrize("lr", [0.01, 0.2, 0.5, 3.0])
def test_contraction_is_what_a_step_does_to_the_error(curvature: float, lr: float) -> None:
    path = np.abs(run(gradient_descent, curvature, 5, [1.0], lr=lr))[:, 0]
    expected = theory.contraction(lr, curvature)
    np.testing.assert_allclose(path[1:], expected * path[:-1], rtol=1e-12)
    assert theory.rate(gradient_descent, np.array([curvature]), lr) == pytest.approx(expected)


def test_contraction_takes_arrays() -> None:
    lr, curvature = np.array([[0.1], [0.5]]), np.array([1.0, 2.0, 4.0])
    expected = [[0.9, 0.8, 0.6], [0.5, 0.0, 1.0]]
    np.testing.assert_allclose(theory.contraction(lr, curvature), expected, atol=1e-15)


@known_rule
@pytest.mark.parametrize("curvature", [0.05, 1.0, 13.0])
def test_just_below_the_limit_runs_shrink_and_just_above_they_grow(
    rule: Callable, curvature: float
) -> None:
    betas = BETAS[:1] if rule is gradient_descent else BETAS
    column = {} if rule is gradient_descent else {"beta": betas[:, np.newaxis]}
    limit = np.array([[theory.stability_limit(rule, curvature, beta)] for beta in betas])
    start, steps = np.ones((len(betas), 1)), 3000
    below = run(rule, curvature, steps, start, lr=0.99 * limit, **column)[:, :, 0]
    with np.errstate(over="ignore", invalid="ignore"):
        above = run(rule, curvature, steps, start, lr=1.01 * limit, **column)[:, :, 0]
    assert np.abs(below[-1]).max() < 1e-4
    assert (~np.isfinite(above[-1]) | (np.abs(above[-1]) > 1e4)).all()


@known_rule
def test_at_the_limit_the_spectral_radius_is_one(rule: Callable) -> None:
    for beta in BETAS:
        limit = theory.stability_limit(rule, 3.0, beta)
        for share, sign in ((0.999, -1), (1.001, 1)):
            rho = theory.rate(rule, np.array([3.0]), share * limit, beta)
            assert np.sign(rho - 1) == sign
        assert theory.rate(rule, np.array([3.0]), limit, beta) == pytest.approx(1, abs=1e-9)


def evaluated(formula: str, **values: float) -> float:
    """``2(1 + β)/L`` with numbers put in."""
    return eval(re.sub(r"(?<=[\d)])(?=[(βL])", "*", formula), {}, values)


@known_rule
def test_the_limit_in_words_is_the_limit_in_numbers(rule: Callable) -> None:
    for beta in (0.0, 0.5, 0.9) if rule is not gradient_descent else (0.0,):
        expected = evaluated(theory.limit_formula(rule), β=beta, L=2.5)
        assert theory.stability_limit(rule, 2.5, beta) == pytest.approx(expected)


def test_limits_by_number() -> None:
    assert theory.stability_limit(gradient_descent, 2.0) == 1.0
    assert theory.stability_limit(momentum, 2.0, 0.9) == pytest.approx(1.9)
    assert theory.stability_limit(nesterov, 2.0, 0.5) == pytest.approx(0.75)
    np.testing.assert_allclose(
        theory.stability_limit("momentum", np.array([1.0, 4.0]), 0.5), [3.0, 0.75]
    )


# Iteration matrices


@with_velocity
@pytest.mark.parametrize("beta", [0.0, 0.4, 0.9])
@pytest.mark.parametrize("lr", [0.05, 0.4, 1.3])
def test_the_iteration_matrix_is_the_step_of_the_rule(
    rule: Callable, lr: float, beta: float
) -> None:
    """Two transitions between independent states determine a 2 × 2 matrix."""
    visited = states(run(rule, 1.7, 6, 1.0, lr=lr, beta=beta))
    measured = visited[1:3].T @ np.linalg.inv(visited[:2].T)
    predicted = theory.iteration_matrix(rule, 1.7, lr, beta)
    np.testing.assert_allclose(predicted, measured, rtol=1e-10, atol=1e-10)
    for before, after in pairwise(visited):
        np.testing.assert_allclose(predicted @ before, after, rtol=1e-10, atol=1e-12)


def test_the_iteration_matrix_of_gradient_descent_is_a_number() -> None:
    assert theory.iteration_matrix(gradient_descent, 4.0, 0.1).shape == (1, 1)
    path = run(gradient_descent, 4.0, 1, 1.0, lr=0.1)
    assert theory.iteration_matrix("gradient_descent", 4.0, 0.1)[0, 0] == pytest.approx(path[1])


@known_rule
def test_iteration_matrices_broadcast(rule: Callable) -> None:
    curvature, lr = np.array([0.5, 1.0, 2.0]), np.array([[0.1], [0.7]])
    many = theory.iteration_matrix(rule, curvature, lr, 0.6)
    n = 1 if rule is gradient_descent else 2
    assert many.shape == (2, 3, n, n)
    for i in range(2):
        for j in range(3):
            one = theory.iteration_matrix(rule, curvature[j], lr[i, 0], 0.6)
            np.testing.assert_array_equal(many[i, j], one)


def test_iteration_matrices_take_the_rule_or_its_name() -> None:
    for rule in KNOWN:
        np.testing.assert_array_equal(
            theory.iteration_matrix(rule, 1.0, 0.3, 0.5),
            theory.iteration_matrix(rule.__name__, 1.0, 0.3, 0.5),
        )


# Spectral radius and rate


def test_spectral_radius_is_the_growth_of_powers() -> None:
    rng = np.random.default_rng(0)
    for matrix in rng.normal(size=(20, 3, 3)):
        power = np.linalg.matrix_power(matrix / 2, 400)
        growth = 2 * np.linalg.norm(power) ** (1 / 400)
        assert theory.spectral_radius(matrix) == pytest.approx(growth, rel=0.02)
    turn = np.array([[0.0, -3.0], [3.0, 0.0]])  # eigenvalues ±3i
    assert theory.spectral_radius(turn) == pytest.approx(3)
    assert theory.spectral_radius(np.diag([1.0, -5.0])) == pytest.approx(5)
    assert theory.spectral_radius(np.stack([turn, 2 * turn])) == pytest.approx([3, 6])


@with_velocity
@pytest.mark.parametrize(
    ("lr", "beta"), [(0.02, 0.0), (0.1, 0.5), (0.9, 0.8), (0.05, 0.95), (1.2, 0.9), (0.01, 0.9)]
)
def test_the_spectral_radius_is_the_measured_decay(rule: Callable, lr: float, beta: float) -> None:
    measured = measured_rate(run(rule, 1.0, 3000, [1.0], lr=lr, beta=beta))
    rho = theory.spectral_radius(theory.iteration_matrix(rule, 1.0, lr, beta))
    assert measured == pytest.approx(float(rho), rel=0.01)


@known_rule
@pytest.mark.parametrize(("lr", "beta"), [(0.1, 0.3), (0.5, 0.9), (0.9, 0.6)])
def test_rate_is_that_of_the_slowest_direction_of_a_ravine(
    rule: Callable, lr: float, beta: float
) -> None:
    landscape = ravine(20, angle=0.6)
    settings = {"lr": lr} if rule is gradient_descent else {"lr": lr, "beta": beta}
    run = rule(landscape.grad, np.array(landscape.start), **settings)
    path = np.array(list(islice(run, 800)))
    rho = theory.rate(rule, landscape.curvatures, lr, beta)
    assert measured_rate(path) == pytest.approx(float(rho), rel=0.01)


@known_rule
def test_rate_broadcasts_and_agrees_with_roots_by_hand(rule: Callable) -> None:
    curvatures = np.array([0.1, 0.7, 2.0])
    lr, beta = np.linspace(0.05, 1.5, 7), np.array([[0.0], [0.3], [0.6], [0.9]])
    rho = theory.rate(rule, curvatures, lr, beta)
    assert rho.shape == (4, 7)
    every = radius(rule, curvatures, lr[..., np.newaxis], beta[..., np.newaxis])
    np.testing.assert_allclose(rho, np.broadcast_to(every.max(axis=-1), (4, 7)), atol=1e-7)
    assert np.ndim(theory.rate(rule, curvatures, 0.1)) == 0


# Regimes


def behaviour(path: np.ndarray) -> str:
    """What a late stretch of a path of one coordinate does, in the words of ``theory.regime``."""
    late = path[len(path) // 2 :]
    if np.abs(late[-1]) > np.abs(late[0]):
        return "diverging"
    flips = np.sign(late[1:]) != np.sign(late[:-1])
    return "oscillating" if flips.all() else "ripples" if flips.any() else "monotone"


@known_rule
def test_the_regime_is_what_a_run_does(rule: Callable) -> None:
    seen = set()
    for lr, beta in product((0.001, 0.02, 0.5, 0.8, 1.5, 1.8, 2.3, 3.4), (0.0, 0.3, 0.9)):
        settings = {"lr": lr} if rule is gradient_descent else {"lr": lr, "beta": beta}
        told = str(theory.regime(rule, 1.0, **settings))
        assert told == behaviour(run(rule, 1.0, 160, 1.0, **settings)), settings
        seen.add(told)
    ripples = set() if rule is gradient_descent else {"ripples"}
    assert seen == {"monotone", "oscillating", "diverging"} | ripples


@known_rule
def test_where_one_step_lands_on_the_minimum(rule: Callable) -> None:
    for curvature in (0.3, 1.0, 8.0):
        assert theory.regime(rule, curvature, 1 / curvature) == "at once"
        assert abs(run(rule, curvature, 1, 1.0, lr=1 / curvature)[1]) < 1e-15


def test_a_double_eigenvalue_split_by_rounding_does_not_ripple() -> None:
    for beta in (0.25, 0.49, 0.64, 0.81):  # momentum's two eigenvalues are both √β there
        lr = (1 - np.sqrt(beta)) ** 2
        assert theory.regime(momentum, 1.0, 0.99 * lr, beta) == "monotone"
        assert theory.regime(momentum, 1.0, lr, beta) == "monotone"
        assert theory.regime(momentum, 1.0, 1.01 * lr, beta) == "ripples"


@known_rule
def test_on_the_limit_itself_a_run_does_not_converge(rule: Callable) -> None:
    beta = 0.0 if rule is gradient_descent else 0.7
    limit = theory.stability_limit(rule, 3.0, beta)
    assert theory.regime(rule, 3.0, limit, beta) == "diverging"
    assert theory.regime(rule, 3.0, 0.999 * limit, beta) == "oscillating"


def test_regimes_broadcast() -> None:
    told = theory.regime(momentum, np.array([0.1, 1.0]), np.array([[0.01], [5.0]]), 0.9)
    assert told.tolist() == [["monotone", "ripples"], ["ripples", "diverging"]]


# Noise


@known_rule
@pytest.mark.parametrize(("curvature", "lr", "beta"), [(1.0, 0.1, 0.5), (4.0, 0.2, 0.9)])
def test_the_stationary_variance_is_the_measured_one(
    rule: Callable, curvature: float, lr: float, beta: float
) -> None:
    rng, sd = np.random.default_rng(0), 0.7
    settings = {"lr": lr} if rule is gradient_descent else {"lr": lr, "beta": beta}
    noisy = rule(
        lambda x: curvature * x + sd * rng.standard_normal(x.shape), np.zeros(20_000), **settings
    )
    measured = np.var([x for t, x in enumerate(islice(noisy, 400)) if t > 200 and t % 20 == 0])
    settings.pop("lr")
    predicted = theory.stationary_variance(rule, curvature, lr, noise=sd, **settings)
    assert predicted == pytest.approx(measured, rel=0.02)


@pytest.mark.parametrize("lr", [0.001, 0.1, 0.9])
@pytest.mark.parametrize("curvature", [0.2, 2.0])
def test_the_stationary_variance_in_closed_form(lr: float, curvature: float) -> None:
    plain = theory.stationary_variance(gradient_descent, curvature, lr, noise=3.0)
    assert plain == pytest.approx(lr * 9 / (curvature * (2 - lr * curvature)))
    for beta in (0.0, 0.5, 0.9):
        heavy = theory.stationary_variance(momentum, curvature, lr, beta, noise=3.0)
        below = curvature * (1 - beta) * (2 * (1 + beta) - lr * curvature)
        assert heavy == pytest.approx(lr * 9 * (1 + beta) / below)


@known_rule
def test_without_stability_the_variance_is_infinite(rule: Callable) -> None:
    limit = theory.stability_limit(rule, 2.0, 0.5)
    assert theory.stationary_variance(rule, 2.0, 1.01 * limit, 0.5) == np.inf
    assert np.isfinite(theory.stationary_variance(rule, 2.0, 0.99 * limit, 0.5))
    assert theory.stationary_variance(rule, 2.0, 0.5 * limit, 0.5, noise=0.0) == 0


# Best settings

CLOSED_RHO = {
    "gradient_descent": lambda kappa: (kappa - 1) / (kappa + 1),
    "momentum": lambda kappa: (np.sqrt(kappa) - 1) / (np.sqrt(kappa) + 1),
    "nesterov": lambda kappa: 1 - 2 / np.sqrt(3 * kappa + 1),
}


@known_rule
@pytest.mark.parametrize("kappa", [1.0, 1.5, 4.0, 20.0, 300.0])
@pytest.mark.parametrize("largest", [0.3, 2.0])
def test_best_settings_have_the_rate_of_the_closed_form(
    rule: Callable, kappa: float, largest: float
) -> None:
    best = theory.best_settings(rule, largest / kappa, largest)
    expected = CLOSED_RHO[rule.__name__](kappa)
    between = np.geomspace(largest / kappa, largest, 60)
    assert theory.rate(rule, between[[0, -1]], **best) == pytest.approx(expected, abs=2e-7)
    assert radius(rule, between, best["lr"], best.get("beta")).max() <= expected + 2e-7


@known_rule
@pytest.mark.parametrize("kappa", [1.5, 4.0, 20.0, 300.0])
def test_no_setting_on_a_fine_grid_is_better(rule: Callable, kappa: float) -> None:
    smallest, largest = 2 / kappa, 2.0
    best = theory.best_settings(rule, smallest, largest)
    beta = np.linspace(0, 0.999, 400)[:, np.newaxis]
    lr = np.geomspace(1e-3, 2.5, 700)
    ends = (radius(rule, curvature, lr, beta) for curvature in (smallest, largest))
    grid = np.maximum(*ends)
    rho = radius(rule, np.array([smallest, largest]), best["lr"], best.get("beta", 0.0)).max()
    assert grid.min() >= rho - 1e-9
    assert grid.min() <= rho + 0.02  # the grid is fine enough to have found it
    for name, value in best.items():  # and a small move either way is worse
        for factor in (0.99, 1.01):
            moved = {"beta": 0.0, **best, name: factor * value}
            worse = radius(rule, np.array([smallest, largest]), moved["lr"], moved["beta"]).max()
            assert worse > rho


@known_rule
def test_best_settings_win_in_simulation(rule: Callable) -> None:
    landscape = ravine(20)
    best = theory.best_settings(rule, *landscape.curvatures)

    def left(**settings: float) -> float:
        run = rule(landscape.grad, np.array(landscape.start), **settings)
        return np.linalg.norm(next(islice(run, 299, None)))

    for factor in (0.8, 1.2):
        assert left(**best) < left(**{**best, "lr": factor * best["lr"]})
    assert all(isinstance(value, float) for value in best.values())
    assert set(best) == ({"lr"} if rule is gradient_descent else {"lr", "beta"})


def test_momentum_needs_about_the_root_of_the_steps() -> None:
    kappa = 100.0
    rates = [
        theory.rate(r, np.array([0.01, 1.0]), **theory.best_settings(r, 0.01, 1)) for r in KNOWN
    ]
    plain, heavy, ahead = (1 / -np.log(rho) for rho in rates)
    assert plain / heavy == pytest.approx(np.sqrt(kappa), rel=0.02)
    assert heavy < ahead < plain


# Which rules are known


def test_known_rules() -> None:
    assert {name for name in RULES if theory.is_known(name)} == {r.__name__ for r in KNOWN}
    assert all(theory.is_known(rule) for rule in KNOWN)
    assert not theory.is_known(adam)
    assert not theory.is_known(partial(adam, lr=0.1))
    assert theory.is_known(partial(partial(momentum, beta=0.5), lr=0.1))
    assert not theory.is_known("no such rule")


def test_the_parabola_in_numbers() -> None:
    """The example of the lesson: λ = 4, η = 0.4 overshoots and shrinks by 0.6."""
    path = run(gradient_descent, parabola(4.0).curvatures[0], 3, 1.0, lr=0.4)
    np.testing.assert_allclose(path, [1, -0.6, 0.36, -0.216], rtol=1e-12)
    assert theory.contraction(0.4, 4.0) == pytest.approx(0.6)
