"""Every rule against stored runs of independent programs: ``reference/make_runs.py`` made them.

The gradients here are the course's own, so these tests also check Beale's and Rosenbrock's.
"""

from collections.abc import Callable
from functools import partial
from itertools import count, islice
from pathlib import Path

import numpy as np
import pytest
from reference.settings import RUNS, START, STEPS

from course_lib import landscapes
from course_lib.family import RULES
from course_lib.optimizers import Gradient, Points

with np.load(Path(__file__).parent / "reference" / "runs.npz") as file:
    REFERENCES = {tuple(name.split("/")): file[name] for name in file.files}

OF_A_RULE = [key for key in REFERENCES if key[1] in RULES and key[2] in START]

on_both_landscapes = pytest.mark.parametrize("landscape", START)


def path_of(rule: Callable[..., Points], landscape: str, **hyperparameters: float) -> np.ndarray:
    """The start and the points after it that a rule visits, as the stored runs have them."""
    start = np.array(START[landscape])
    points = rule(getattr(landscapes, landscape).grad, start, **hyperparameters)
    return np.array([start, *islice(points, STEPS)])


def assert_agrees(path: np.ndarray, reference: np.ndarray) -> None:
    """Ten digits, relative to the size of the path."""
    np.testing.assert_allclose(path, reference, rtol=1e-10, atol=1e-10 * np.abs(reference).max())


def looked_ahead(path: np.ndarray, beta: float) -> np.ndarray:
    """The points x + β v with v = the last step, at which Nesterov's rule takes the gradient.

    The rule of the course yields x. PyTorch and optax call the point ahead the parameter, and
    never hold x: their path is y = x + β v, from the same start, as v is 0 there.
    """
    v = np.diff(path, axis=0, prepend=path[:1])
    return path + beta * v


def between(path: np.ndarray, beta: float) -> np.ndarray:
    """The points y = (1 − β) z + β x of a schedule-free run, which is what optax holds.

    x is the mean of all z so far, so z after step t is t xₜ − (t − 1) xₜ₋₁. The start is y there.
    """
    t = np.arange(1, len(path))[:, np.newaxis]
    z = np.vstack([path[:1], t * path[1:] - (t - 1) * path[:-1]])
    return (1 - beta) * z + beta * path


@pytest.mark.parametrize(("source", "rule", "landscape"), OF_A_RULE)
def test_agrees_with_independent_run(source: str, rule: str, landscape: str) -> None:
    settings = RUNS[rule, landscape]
    path = path_of(RULES[rule], landscape, **settings)
    if rule == "nesterov":
        path = looked_ahead(path, settings["beta"])
    if rule == "schedule_free":
        path = between(path, settings["beta"])
    assert_agrees(path, REFERENCES[source, rule, landscape])


@pytest.mark.parametrize("rule", RULES)
@on_both_landscapes
def test_every_rule_has_a_long_moving_reference(rule: str, landscape: str) -> None:
    references = [run for (_, *key), run in REFERENCES.items() if key == [rule, landscape]]
    assert references
    for run in references:
        assert run.shape == (STEPS + 1, 2) and STEPS >= 200
        assert run.dtype == np.float64
        assert tuple(run[0]) == START[landscape]
        assert np.linalg.norm(np.diff(run, axis=0), axis=1).min() > 1e-6  # no step stands still
        assert np.ptp(run, axis=0).min() > 0.1


# Wrong on purpose: the comparison must be able to fail.


def wrong_momentum(
    grad: Gradient, x: np.ndarray, lr: float, beta: float, *, sign: int = 1, mean: bool = False
) -> Points:
    """Momentum with ± β v, and with or without a factor 1 − β before the slope."""
    v = np.zeros_like(x)
    while True:
        v = sign * beta * v - (1 - beta if mean else 1) * lr * grad(x)
        x = x + v
        yield x


def wrong_adam(
    grad: Gradient,
    x: np.ndarray,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    *,
    first: int = 1,
    inside: bool = False,
) -> Points:
    """Adam that counts its steps from ``first``, with ε outside or inside the root."""
    m = s = np.zeros_like(x)
    for t in count(first):
        g = grad(x)
        m = beta1 * m + (1 - beta1) * g
        s = beta2 * s + (1 - beta2) * g**2
        s_hat = s / (1 - beta2**t)
        root = np.sqrt(s_hat + eps) if inside else np.sqrt(s_hat) + eps
        x = x - lr * m / (1 - beta1**t) / root
        yield x


MUTANTS = {
    "momentum with the wrong sign": ("momentum", partial(wrong_momentum, sign=-1)),
    "momentum as a mean of slopes": ("momentum", partial(wrong_momentum, mean=True)),
    "Adam that counts from 2": ("adam", partial(wrong_adam, first=2)),
    "Adam with ε inside the root": ("adam", partial(wrong_adam, inside=True)),
}


@pytest.mark.parametrize("mutant", MUTANTS)
@on_both_landscapes
def test_a_wrong_rule_disagrees(mutant: str, landscape: str) -> None:
    rule, wrong = MUTANTS[mutant]
    path = path_of(wrong, landscape, **RUNS[rule, landscape])
    assert np.isfinite(path).all()
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_agrees(path, REFERENCES["torch", rule, landscape])


@pytest.mark.parametrize(
    ("rule", "unchanged"), [("momentum", wrong_momentum), ("adam", wrong_adam)]
)
@on_both_landscapes
def test_mutants_are_right_without_their_mistake(
    rule: str, unchanged: Callable[..., Points], landscape: str
) -> None:
    path = path_of(unchanged, landscape, **RUNS[rule, landscape])
    assert_agrees(path, REFERENCES["torch", rule, landscape])
