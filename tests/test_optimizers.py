"""Every rule against mathematics: unrolled sums, closed forms, limits, and the shared contract.

Nothing here compares a rule with itself: references are sums where a rule has a recursion, powers
of matrices where it has a loop, or another rule of which it is a special case.
"""

import ast
import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from itertools import combinations, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.family import RULES
from course_lib.landscapes import Landscape, beale, ravine
from course_lib.optimizers import (
    adadelta,
    adam,
    adamax,
    adamw,
    dozat_schedule,
    gradient_descent,
    momentum,
    nadam,
    nadam_scheduled,
    nesterov,
    rmsprop,
)

settings.register_profile("course", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("course")

slanted = ravine(20, angle=0.5)  # every rule stays finite on it with its defaults

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)

# The rules in lesson order, and the defaults of the papers (where they give any) or of PyTorch.
DEFAULTS = {
    "gradient_descent": {"lr": 0.1},
    "momentum": {"lr": 0.01, "beta": 0.9},
    "nesterov": {"lr": 0.01, "beta": 0.9},
    "adagrad": {"lr": 0.01, "eps": 1e-10},
    "rmsprop": {"lr": 0.001, "beta": 0.9, "eps": 1e-8},
    "adadelta": {"beta": 0.95, "eps": 1e-6},
    "adam": {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "adamax": {"lr": 0.002, "beta1": 0.9, "beta2": 0.999},
    "nadam": {"lr": 0.002, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "nadam_scheduled": {"lr": 0.002, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "psi": 0.004},
    "nadamax": {"lr": 0.002, "beta1": 0.9, "beta2": 0.999},
    "adamw": {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01},
    "amsgrad": {"lr": 0.001, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "lion": {"lr": 0.0001, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0},
    "muon": {"lr": 0.02, "beta": 0.95, "rows": 1},
    "schedule_free": {"lr": 0.1, "beta": 0.9},
}


def points(rule: Callable, grad: Callable, x: object, steps: int, **settings: object) -> np.ndarray:
    """(steps + 1, …): the start and the points a rule visits."""
    start = np.array(x, dtype=float)
    return np.array([start, *islice(rule(grad, start, **settings), steps)])


def fed(gradients: np.ndarray) -> Callable:
    """A gradient function that gives these gradients in order, wherever it is asked."""
    rest = iter(gradients)
    return lambda x: next(rest)


def moves(rule: Callable, gradients: np.ndarray, **settings: object) -> np.ndarray:
    """(steps, d): the steps of a rule that starts at 0 and is fed these gradients."""
    start = np.zeros_like(gradients[0])
    return np.diff(points(rule, fed(gradients), start, len(gradients), **settings), axis=0)


# What hypothesis draws


def floats(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_subnormal=False)


rates = floats(1e-4, 0.5)
betas = floats(0, 0.999)
starts = st.tuples(floats(-10, 10), floats(-10, 10))
sizes = st.one_of(floats(0.01, 100), floats(-100, -0.01))


@st.composite
def quadratics(draw: Callable) -> np.ndarray:
    """A positive definite matrix R diag(λ₁, λ₂) Rᵀ with curvatures between 0.01 and 10."""
    angle = draw(floats(0, np.pi))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    hessian = turn @ np.diag([draw(floats(0.01, 10)), draw(floats(0.01, 10))]) @ turn.T
    return (hessian + hessian.T) / 2


def slope(hessian: np.ndarray) -> Callable:
    return lambda x: x @ hessian


@st.composite
def gradient_runs(draw: Callable, steps: int = 12) -> np.ndarray:
    """(steps, 2) gradients with sizes from 0.01 to 100 and any signs."""
    row = st.lists(sizes, min_size=2, max_size=2)
    return np.array(draw(st.lists(row, min_size=steps, max_size=steps)))


# Each rule's step as a sum over all gradients so far, where the rule has a recursion


def decayed_sum(g: np.ndarray, beta: float) -> np.ndarray:
    """Σᵢ βᵗ⁻ⁱ gᵢ."""
    return beta ** np.arange(len(g) - 1, -1, -1) @ g


def running_mean(g: np.ndarray, beta: float) -> np.ndarray:
    """What m ← β m + (1 − β) g comes to."""
    return (1 - beta) * decayed_sum(g, beta)


def weighted_mean(g: np.ndarray, beta: float) -> np.ndarray:
    """The same without its bias: Σ βᵗ⁻ⁱ gᵢ / Σ βᵗ⁻ⁱ."""
    return decayed_sum(g, beta) / decayed_sum(np.ones(len(g)), beta)


def decayed_maximum(g: np.ndarray, beta: float) -> np.ndarray:
    """maxᵢ βᵗ⁻ⁱ |gᵢ|."""
    return (beta ** np.arange(len(g) - 1, -1, -1)[:, np.newaxis] * np.abs(g)).max(axis=0)


def looking_ahead(g: np.ndarray, beta: float) -> np.ndarray:
    """Nadam's mean: one step further with a gradient of 0, and the newest gradient once more."""
    ahead = weighted_mean(np.vstack([g, np.zeros_like(g[:1])]), beta)
    return ahead + g[-1] / decayed_sum(np.ones(len(g)), beta)


def scheduled_mean(g: np.ndarray, beta: float, psi: float) -> np.ndarray:
    """The same with Dozat's μₜ: every past gradient weighted by products of the μ after it."""
    t = len(g)
    mu = beta * (1 - 0.5 * 0.96 ** (psi * np.arange(1, t + 2)))  # μ₁ … μₜ₊₁
    m = sum((1 - mu[i]) * np.prod(mu[i + 1 : t]) * g[i] for i in range(t))
    return mu[t] * m / (1 - np.prod(mu)) + (1 - mu[t - 1]) * g[-1] / (1 - np.prod(mu[:t]))


def root_mean_square(g: np.ndarray, beta: float) -> np.ndarray:
    return np.sqrt(weighted_mean(g**2, beta))


def largest_root(g: np.ndarray, beta: float) -> np.ndarray:
    """The largest of the root mean squares after 1, 2, … t gradients."""
    return np.max([root_mean_square(g[:t], beta) for t in range(1, len(g) + 1)], axis=0)


def five_times_quintic(sigma: float) -> float:
    """What five iterations of Muon make of a singular value."""
    for _ in range(5):
        sigma = 3.4445 * sigma - 4.7750 * sigma**3 + 2.0315 * sigma**5
    return sigma


# (g, h, moves, x) -> step t; g: gradients 1 … t, h: hyperparameters, moves: steps 1 … t − 1
UNROLLED: Mapping[str, Callable] = {
    "gradient_descent": lambda g, h, moves, x: -h["lr"] * g[-1],
    "momentum": lambda g, h, moves, x: -h["lr"] * decayed_sum(g, h["beta"]),
    "nesterov": lambda g, h, moves, x: -h["lr"] * decayed_sum(g, h["beta"]),
    "adagrad": lambda g, h, moves, x: -h["lr"] * g[-1] / (np.sqrt((g**2).sum(0)) + h["eps"]),
    "rmsprop": lambda g, h, moves, x: (
        -h["lr"] * g[-1] / (np.sqrt(running_mean(g**2, h["beta"])) + h["eps"])
    ),
    "adadelta": lambda g, h, moves, x: (
        -g[-1]
        * np.sqrt(running_mean(moves**2, h["beta"]) + h["eps"])
        / np.sqrt(running_mean(g**2, h["beta"]) + h["eps"])
    ),
    "adam": lambda g, h, moves, x: (
        -h["lr"] * weighted_mean(g, h["beta1"]) / (root_mean_square(g, h["beta2"]) + h["eps"])
    ),
    "adamax": lambda g, h, moves, x: (
        -h["lr"] * weighted_mean(g, h["beta1"]) / decayed_maximum(g, h["beta2"])
    ),
    "nadam": lambda g, h, moves, x: (
        -h["lr"] * looking_ahead(g, h["beta1"]) / (root_mean_square(g, h["beta2"]) + h["eps"])
    ),
    "nadam_scheduled": lambda g, h, moves, x: (
        -h["lr"]
        * scheduled_mean(g, h["beta1"], h["psi"])
        / (root_mean_square(g, h["beta2"]) + h["eps"])
    ),
    "nadamax": lambda g, h, moves, x: (
        -h["lr"] * looking_ahead(g, h["beta1"]) / decayed_maximum(g, h["beta2"])
    ),
    "adamw": lambda g, h, moves, x: (
        -h["lr"] * weighted_mean(g, h["beta1"]) / (root_mean_square(g, h["beta2"]) + h["eps"])
        - h["lr"] * h["weight_decay"] * x
    ),
    "amsgrad": lambda g, h, moves, x: (
        -h["lr"] * weighted_mean(g, h["beta1"]) / (largest_root(g, h["beta2"]) + h["eps"])
    ),
    "lion": lambda g, h, moves, x: (
        -h["lr"] * np.sign(h["beta1"] * running_mean(g[:-1], h["beta2"]) + (1 - h["beta1"]) * g[-1])
        - h["lr"] * h["weight_decay"] * x
    ),
    "muon": lambda g, h, moves, x: (
        -h["lr"] * five_times_quintic(1.0) * weighted_mean(g, h["beta"])
        / np.linalg.norm(weighted_mean(g, h["beta"]))
    ),
    # x is the mean of z₁ … z_t, each the start less η times the gradients so far
    "schedule_free": lambda g, h, moves, x: (
        (x - moves.sum(axis=0)) - h["lr"] * np.cumsum(g, axis=0).mean(axis=0) - x
    ),
}  # fmt: skip

RANGES = {
    "lr": rates,
    "beta": betas,
    "beta1": betas,
    "beta2": betas,
    "eps": floats(0.001, 1),  # large enough to tell inside the root from outside
    "psi": floats(0, 10),
    "weight_decay": floats(0, 1),
    "rows": st.just(1),
}


def settings_of(rule: str) -> st.SearchStrategy[dict[str, float]]:
    return st.fixed_dictionaries({name: RANGES[name] for name in DEFAULTS[rule]})


@pytest.mark.parametrize("rule", RULES)
@given(data=st.data())
def test_every_step_is_its_unrolled_sum(rule: str, data: st.DataObject) -> None:
    g, h = data.draw(gradient_runs()), data.draw(settings_of(rule))
    x = points(RULES[rule], fed(g), data.draw(starts), len(g), **h)
    made = np.diff(x, axis=0)
    for t in range(1, len(g) + 1):
        expected = UNROLLED[rule](g[:t], h, made[: t - 1], x[t - 1])
        np.testing.assert_allclose(made[t - 1], expected, rtol=1e-9, atol=1e-11)


def test_unrolled_sums_cover_every_rule() -> None:
    assert list(UNROLLED) == list(RULES)


# Closed forms on quadratics


@given(quadratics(), starts, floats(0.001, 0.3))
def test_gradient_descent_is_a_power_of_a_matrix(
    hessian: np.ndarray, start: tuple[float, float], lr: float
) -> None:
    path = points(gradient_descent, slope(hessian), start, 30, lr=lr)
    for t in (0, 1, 2, 7, 30):
        expected = np.linalg.matrix_power(np.eye(2) - lr * hessian, t) @ start
        scale = max(np.abs(start)) * max(1.0, np.abs(1 - lr * np.linalg.eigvalsh(hessian)).max())
        np.testing.assert_allclose(path[t], expected, rtol=1e-10, atol=1e-13 * scale**t + 1e-300)


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov])
@given(quadratics(), starts, floats(-4, 4))
def test_paths_on_quadratics_are_linear_in_the_start(
    rule: Callable, hessian: np.ndarray, start: tuple[float, float], factor: float
) -> None:
    path = points(rule, slope(hessian), start, 20, lr=0.05)
    scaled = points(rule, slope(hessian), factor * np.array(start), 20, lr=0.05)
    np.testing.assert_allclose(scaled, factor * path, rtol=1e-9, atol=1e-9)


def test_nesterov_asks_for_the_gradient_one_velocity_ahead() -> None:
    asked = []

    def grad(x: np.ndarray) -> np.ndarray:
        asked.append(x)
        return beale.grad(x)

    path = points(nesterov, grad, beale.start, 20, lr=0.01, beta=0.8)
    velocity = np.diff(path, axis=0, prepend=path[:1])[:-1]
    np.testing.assert_allclose(asked, path[:-1] + 0.8 * velocity, rtol=1e-13)


@pytest.mark.parametrize("rule", [r for r in RULES if r not in ("nesterov", "schedule_free")])
def test_other_rules_ask_for_the_gradient_where_they_stand(rule: str) -> None:
    asked = []

    def grad(x: np.ndarray) -> np.ndarray:
        asked.append(np.array(x))
        return slanted.grad(x)

    path = points(RULES[rule], grad, slanted.start, 20)
    np.testing.assert_array_equal(asked, path[:-1])


# Special cases


@given(quadratics(), starts, rates)
def test_momentum_and_nesterov_without_memory_are_gradient_descent(
    hessian: np.ndarray, start: tuple[float, float], lr: float
) -> None:
    plain = points(gradient_descent, slope(hessian), start, 20, lr=lr)
    for rule in (momentum, nesterov):
        path = points(rule, slope(hessian), start, 20, lr=lr, beta=0.0)
        np.testing.assert_array_equal(path, plain)


@given(quadratics(), starts, rates, betas, floats(0.5, 0.999))
def test_adamw_without_decay_is_adam(
    hessian: np.ndarray, start: tuple[float, float], lr: float, beta1: float, beta2: float
) -> None:
    both = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": 1e-3}
    plain = points(adam, slope(hessian), start, 20, **both)
    path = points(adamw, slope(hessian), start, 20, weight_decay=0.0, **both)
    np.testing.assert_allclose(path, plain, rtol=1e-8, atol=1e-8)


def test_adamw_decays_where_the_gradient_is_zero() -> None:
    path = points(adamw, np.zeros_like, (3.0, -5.0), 10, lr=0.1, weight_decay=0.5)
    expected = 0.95 ** np.arange(11)[:, np.newaxis] * [3.0, -5.0]
    np.testing.assert_allclose(path, expected, rtol=1e-13)


@given(gradient_runs(), rates, betas)
def test_adam_without_momentum_is_rmsprop_freed_of_its_bias(
    g: np.ndarray, lr: float, beta: float
) -> None:
    plain = moves(rmsprop, g, lr=lr, beta=beta, eps=0.0)
    unbiased = np.sqrt(1 - beta ** np.arange(1, len(g) + 1))[:, np.newaxis]
    freed = moves(adam, g, lr=lr, beta1=0.0, beta2=beta, eps=0.0)
    np.testing.assert_allclose(freed, plain * unbiased, rtol=1e-9, atol=1e-12)


@given(gradient_runs(), floats(0, 0.99))
def test_adadelta_is_rmsprop_whose_step_size_is_the_size_of_its_last_steps(
    g: np.ndarray, beta: float
) -> None:
    eps = 1e-14  # so small beside every g² that its place does not matter
    unit = moves(rmsprop, g, lr=1.0, beta=beta, eps=0.0)
    made = moves(adadelta, g, beta=beta, eps=eps)
    for t in range(len(g)):
        size = np.sqrt(running_mean(made[:t] ** 2, beta) + eps)
        np.testing.assert_allclose(made[t], size * unit[t], rtol=1e-6)


@given(gradient_runs(), rates, floats(0, 0.95), betas)
def test_nadam_scheduled_without_its_schedule_is_nadam(
    g: np.ndarray, lr: float, beta1: float, beta2: float
) -> None:
    both = {"lr": lr, "beta2": beta2, "eps": 1e-8}
    grown = moves(nadam_scheduled, g, beta1=beta1, psi=1e6, **both)
    np.testing.assert_allclose(grown, moves(nadam, g, beta1=beta1, **both), rtol=1e-8, atol=1e-12)
    halved = moves(nadam_scheduled, g, beta1=beta1, psi=0.0, **both)
    expected = moves(nadam, g, beta1=beta1 / 2, **both)
    np.testing.assert_allclose(halved, expected, rtol=1e-8, atol=1e-12)


def test_nadam_scheduled_comes_closer_to_nadam_as_psi_grows() -> None:
    limit = points(nadam, beale.grad, beale.start, 50, lr=0.05)
    apart = [
        np.abs(points(nadam_scheduled, beale.grad, beale.start, 50, lr=0.05, psi=p) - limit).max()
        for p in (0.004, 1.0, 20.0, 100.0, 400.0)
    ]
    assert apart == sorted(apart, reverse=True)
    assert apart[0] > 1e-2 and apart[-1] < 1e-6


def test_dozat_schedule_is_its_formula() -> None:
    for t, (mu, mu_next, product) in enumerate(islice(dozat_schedule(0.9, 0.004), 300), 1):
        factors = [0.9 * (1 - 0.5 * 0.96 ** (i / 250)) for i in range(1, t + 2)]
        assert mu == pytest.approx(factors[-2], rel=1e-12)
        assert mu_next == pytest.approx(factors[-1], rel=1e-12)
        assert product == pytest.approx(np.prod(factors[:-1]), rel=1e-9)


# AdaMax, the limit of Adam with p-th powers


def adam_with_powers(g: np.ndarray, p: float, lr: float, beta1: float, beta2: float) -> np.ndarray:
    """Section 7.1 of Kingma & Ba, with logarithms, as 100²⁵⁶ is beyond the largest float.

    v ← β₂ᵖ v + (1 − β₂ᵖ) |g|ᵖ,  x ← x − η m̂ / (v / (1 − β₂ᵖᵗ))^(1/p)
    """
    log_v, made = np.full(g.shape[1], -np.inf), []
    for t in range(1, len(g) + 1):
        kept = p * np.log(beta2) + log_v
        log_v = np.logaddexp(kept, np.log1p(-(beta2**p)) + p * np.log(np.abs(g[t - 1])))
        size = np.exp((log_v - np.log1p(-(beta2 ** (p * t)))) / p)
        made.append(-lr * weighted_mean(g[:t], beta1) / size)
    return np.array(made)


@given(gradient_runs(steps=12), floats(0, 0.999), floats(0.01, 0.999))
def test_adamax_is_the_limit_of_adam_with_higher_powers(
    g: np.ndarray, beta1: float, beta2: float
) -> None:
    both = {"lr": 0.1, "beta1": beta1, "beta2": beta2}
    limit = moves(adamax, g, **both)
    for p in (2, 8, 32, 128, 256, 2048):
        within = len(g) ** (1 / p) - 1  # norms of n numbers lie within n^(1/p): 1 % at p = 256
        bound = within * np.abs(limit) + 1e-12
        assert (np.abs(adam_with_powers(g, p, **both) - limit) <= bound).all(), p


def test_adam_with_second_powers_is_adam_itself() -> None:
    g = np.random.default_rng(0).normal(size=(12, 3))
    # in the paper β₂ᵖ stands for β₂, so p = 2 with √β₂ is Adam
    expected = adam_with_powers(g, 2, 0.1, 0.9, np.sqrt(0.99))
    np.testing.assert_allclose(moves(adam, g, lr=0.1, beta2=0.99, eps=0), expected, rtol=1e-9)


def test_adam_with_higher_powers_comes_closer_to_adamax_all_along() -> None:
    g = np.random.default_rng(1).normal(size=(50, 4))
    limit = moves(adamax, g, lr=0.1)
    apart = [
        np.abs(adam_with_powers(g, p, 0.1, 0.9, 0.999) / limit - 1).max() for p in 2 ** np.arange(9)
    ]
    assert apart == sorted(apart, reverse=True)
    assert apart[0] > 0.2 and apart[-1] < 0.01


# Sizes of steps

FIRST_STEPS = {  # divided by −lr · sign(g), at a gradient large beside ε
    "adagrad": lambda h: 1,
    "rmsprop": lambda h: 1 / np.sqrt(1 - h["beta"]),
    "adam": lambda h: 1,
    "adamax": lambda h: 1,
    "nadam": lambda h: 1 + h["beta1"] / (1 + h["beta1"]),
    "nadamax": lambda h: 1 + h["beta1"] / (1 + h["beta1"]),
    "adamw": lambda h: 1,
}


@pytest.mark.parametrize("rule", FIRST_STEPS)
@given(data=st.data())
def test_the_first_step_knows_only_the_sign_of_the_gradient(rule: str, data: st.DataObject) -> None:
    g, h = data.draw(gradient_runs(steps=1)), data.draw(settings_of(rule))
    if "eps" in h:
        h["eps"] = 1e-12
    expected = -h["lr"] * FIRST_STEPS[rule](h) * np.sign(g)
    np.testing.assert_allclose(moves(RULES[rule], g, **h), expected, rtol=1e-7)


def test_the_first_step_of_adadelta_is_set_by_epsilon() -> None:
    made = moves(adadelta, np.array([[5.0, -0.01]]), beta=0.95, eps=1e-6)
    expected = [-np.sqrt(1e-6 / (0.05 * 25 + 1e-6)) * 5, np.sqrt(1e-6 / (0.05e-4 + 1e-6)) * 0.01]
    np.testing.assert_allclose(made, [expected], rtol=1e-12)


@pytest.mark.parametrize("rule", [*FIRST_STEPS, "nadam_scheduled"])
@given(gradient_runs(), floats(1e-3, 1e3), floats(1e-3, 1e3))
def test_adaptive_rules_do_not_see_the_scale_of_a_coordinate(
    rule: str, g: np.ndarray, along_x: float, along_y: float
) -> None:
    exact = {"eps": 0.0} if "eps" in DEFAULTS[rule] else {}
    scaled = moves(RULES[rule], g * [along_x, along_y], lr=0.1, **exact)
    np.testing.assert_allclose(scaled, moves(RULES[rule], g, lr=0.1, **exact), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("rule", [r for r in RULES if "lr" in DEFAULTS[r]])
@given(gradient_runs(), floats(0.01, 10))
def test_fed_the_same_gradients_steps_are_proportional_to_the_learning_rate(
    rule: str, g: np.ndarray, factor: float
) -> None:
    exact = {"weight_decay": 0.0} if rule == "adamw" else {}
    larger = moves(RULES[rule], g, lr=0.1 * factor, **exact)
    np.testing.assert_allclose(larger, factor * moves(RULES[rule], g, lr=0.1, **exact), rtol=1e-7)


@pytest.mark.parametrize("rule", ["adamax", "nadamax"])
def test_a_coordinate_without_slope_stays_without_a_warning(rule: str) -> None:
    made = moves(RULES[rule], np.array([[0.0, 2.0], [0.0, 1.0], [3.0, 0.0]]), lr=0.1)
    assert made[0, 0] == made[1, 0] == 0
    assert made[2, 0] < 0 and np.isfinite(made).all()


# The contract


@every_rule
def test_the_start_is_never_changed_in_place(rule: Callable) -> None:
    start = np.array([1.0, 1.5])
    kept = start.copy()
    list(islice(rule(slanted.grad, start), 10))
    np.testing.assert_array_equal(start, kept)
    start.setflags(write=False)
    list(islice(rule(slanted.grad, start), 10))


@every_rule
def test_gradients_are_never_changed_in_place(rule: Callable) -> None:
    given_out = []

    def grad(x: np.ndarray) -> np.ndarray:
        g = slanted.grad(x)
        g.setflags(write=False)
        given_out.append((g, g.copy()))
        return g

    points(rule, grad, slanted.start, 10)
    for g, copy in given_out:
        np.testing.assert_array_equal(g, copy)


@every_rule
def test_each_point_is_an_array_of_its_own(rule: Callable) -> None:
    start = np.array([1.0, 1.5])
    visited = [start, *islice(rule(slanted.grad, start), 6)]
    for one, other in combinations(visited, 2):
        assert not np.shares_memory(one, other)
        assert (one != other).any()


@every_rule
def test_no_array_of_the_state_is_changed_in_place(rule: Callable) -> None:
    run = rule(slanted.grad, np.array(slanted.start))
    kept = []
    for _ in range(6):
        next(run)
        state = inspect.getgeneratorlocals(run).values()
        kept += [(value, value.copy()) for value in state if isinstance(value, np.ndarray)]
    for value, copy in kept:
        np.testing.assert_array_equal(value, copy)


@every_rule
def test_two_runs_at_once_do_not_disturb_each_other(rule: Callable) -> None:
    first = rule(slanted.grad, np.array([1.0, 1.5]))
    second = rule(slanted.grad, np.array([2.0, -0.5]))
    both = np.array([(next(first), next(second)) for _ in range(20)])
    np.testing.assert_array_equal(both[:, 0], points(rule, slanted.grad, (1.0, 1.5), 20)[1:])
    np.testing.assert_array_equal(both[:, 1], points(rule, slanted.grad, (2.0, -0.5), 20)[1:])


@every_rule
def test_one_gradient_a_step_and_none_before_it_is_asked_for(rule: Callable) -> None:
    calls = []

    def grad(x: np.ndarray) -> np.ndarray:
        calls.append(x)
        return slanted.grad(x)

    run = rule(grad, np.array([1.0, 1.5]))
    assert inspect.isgenerator(run) and not calls
    for t in range(1, 6):
        next(run)
        assert len(calls) == t


@every_rule
def test_a_rule_goes_on_for_ever(rule: Callable) -> None:
    last = next(islice(rule(ravine().grad, np.array([1.0, 1.0])), 2000, None))
    assert np.isfinite(last).all()


@every_rule
@pytest.mark.parametrize("shape", [(1,), (2,), (5,), (4, 2), (3, 4, 2)])
def test_points_keep_the_shape_of_the_start(rule: Callable, shape: tuple[int, ...]) -> None:
    start = np.linspace(1, 2, np.prod(shape)).reshape(shape)
    for x in islice(rule(np.sin, start), 3):
        assert x.shape == shape and x.dtype == np.float64


@every_rule
def test_many_learning_rates_at_once_keep_the_shape(rule: Callable) -> None:
    name = next(iter(DEFAULTS[rule.__name__]))
    many = {name: np.array([[0.01], [0.1], [0.5]])}
    for x in islice(rule(slanted.grad, np.tile(slanted.start, (3, 1)), **many), 3):
        assert x.shape == (3, 2) and np.isfinite(x).all()


SWEPT = {
    "lr": [1e-5, 3e-4, 1e-3],
    "beta": [0.0, 0.6, 0.97],
    "beta1": [0.0, 0.6, 0.97],
    "beta2": [0.0, 0.9, 0.9999],
    "eps": [1e-10, 1e-4, 0.3],
    "psi": [0.0, 0.004, 30.0],
    "weight_decay": [0.0, 0.01, 0.7],
}


@pytest.mark.parametrize(
    ("rule", "name"), [(r, name) for r in RULES for name in DEFAULTS[r] if name in SWEPT]
)
@pytest.mark.parametrize("landscape", [beale, slanted], ids=["beale", "ravine"])
def test_runs_by_broadcasting_are_the_runs_alone(
    rule: str, name: str, landscape: Landscape
) -> None:
    others = {"lr": 1e-3} if name != "lr" and "lr" in DEFAULTS[rule] else {}
    column = np.array(SWEPT[name])[:, np.newaxis]
    start = np.tile(landscape.start, (3, 1))
    together = points(RULES[rule], landscape.grad, start, 50, **{name: column}, **others)
    for i, value in enumerate(SWEPT[name]):
        alone = points(RULES[rule], landscape.grad, landscape.start, 50, **{name: value}, **others)
        np.testing.assert_allclose(together[:, i], alone, rtol=1e-12, atol=1e-12)


@every_rule
def test_every_hyperparameter_at_once_by_broadcasting(rule: Callable) -> None:
    names = DEFAULTS[rule.__name__]
    columns = {name: np.array(SWEPT[name])[:, np.newaxis] for name in names if name in SWEPT}
    together = points(rule, slanted.grad, np.tile(slanted.start, (3, 1)), 50, **columns)
    for i in range(3):
        one = {name: SWEPT[name][i] for name in columns}
        alone = points(rule, slanted.grad, slanted.start, 50, **one)
        np.testing.assert_allclose(together[:, i], alone, rtol=1e-12, atol=1e-12)


# The form: what a reader sees


def test_rules_stand_in_lesson_order() -> None:
    assert list(RULES) == list(DEFAULTS)
    assert [rule.__name__ for rule in RULES.values()] == list(DEFAULTS)
    lines = [inspect.getsourcelines(rule)[1] for rule in RULES.values()]
    assert lines == sorted(lines)


@every_rule
def test_signature(rule: Callable) -> None:
    grad, x, *hyperparameters = inspect.signature(rule).parameters.values()
    assert (grad.name, x.name) == ("grad", "x")
    assert grad.default is x.default is inspect.Parameter.empty
    assert {p.name: p.default for p in hyperparameters} == DEFAULTS[rule.__name__]
    assert [p.name for p in hyperparameters] == list(DEFAULTS[rule.__name__])
    assert set(inspect.get_annotations(rule)) == {*inspect.signature(rule).parameters, "return"}


@every_rule
def test_a_rule_is_at_most_ten_lines(rule: Callable) -> None:
    (function,) = ast.parse(inspect.getsource(rule)).body
    docstring, *body = function.body
    assert isinstance(docstring, ast.Expr)
    assert body[-1].end_lineno - body[0].lineno + 1 <= 10


GREEK = {"lr": "η", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε", "psi": "ψ"}
GREEK |= {"weight_decay": "λ", "rows": "rows"}


@every_rule
def test_the_docstring_has_formula_symbols_and_source(rule: Callable) -> None:
    text = inspect.getdoc(rule)
    assert re.search(r"^x ← x .*|  x ← x .*", text, re.MULTILINE)
    assert re.search(r"^Source: \S", text, re.MULTILINE)
    assert re.search(r"\b(18|19|20)\d\d\b", text)
    for name in DEFAULTS[rule.__name__]:
        assert GREEK[name] in text, f"{name} is not in the formula"
    assert text.splitlines()[0].endswith(".")


@every_rule
def test_partial_application_keeps_the_contract(rule: Callable) -> None:
    name, default = next(iter(DEFAULTS[rule.__name__].items()))
    path = points(partial(rule, **{name: default}), slanted.grad, slanted.start, 5)
    np.testing.assert_array_equal(path, points(rule, slanted.grad, slanted.start, 5))
