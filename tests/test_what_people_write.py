"""Rules and landscapes as people write them: all of the library takes them, and agrees on them.

Gradient descent and clipped Adam are written here in many ways: for one point only, with Python's
own loops and lists, in place, with an ``if``. Each must give, wherever it runs, what the course's
own style gives.
"""

import math
import warnings
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import pytest

from course_lib import (
    Landscape,
    Network,
    adam,
    beale,
    compare,
    descend,
    digits,
    dissect,
    explore,
    gradient_descent,
    momentum,
    ravine,
    robustness,
    sweep,
    train,
    tune,
)
from course_lib.measure.comparison import steps_to
from course_lib.running import makes_many

Points = Iterator[np.ndarray]
LIMIT = 3.0  # of the clipped gradient's norm

# Gradient descent, in many ways

PLAIN: list[Callable] = []
CLIPPED: list[Callable] = []


def way(of: list[Callable]) -> Callable:
    def add(rule: Callable) -> Callable:
        of.append(rule)
        return rule

    return add


@way(PLAIN)
def as_the_course(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)
        yield x


@way(PLAIN)
def in_place(grad, x, lr=0.1):
    while True:
        x -= lr * grad(x)
        yield x


@way(PLAIN)
def by_subtract(grad, x, lr=0.1):
    while True:
        x = np.subtract(x, np.multiply(lr, grad(x)))
        yield x


@way(PLAIN)
def with_a_list(grad, x, lr=0.1):
    while True:
        x = np.array([xi - float(lr) * gi for xi, gi in zip(x, grad(x), strict=True)])
        yield x


@way(PLAIN)
def yields_a_list(grad, x, lr=0.1):
    x = list(x)
    while True:
        x = [xi - float(lr) * gi for xi, gi in zip(x, grad(np.array(x)), strict=True)]
        yield x


@way(PLAIN)
def by_index(grad, x, lr=0.1):
    while True:
        g = grad(x)
        for i in range(len(x)):
            x[i] = x[i] - lr * g[i]
        yield x


@way(PLAIN)
def length_and_direction(grad, x, lr=0.1):
    while True:
        g = grad(x)
        size = np.linalg.norm(g)
        direction = g / size if size > 0 else g
        x = x - lr * size * direction
        yield x


@way(PLAIN)
def by_dot(grad, x, lr=0.1):
    while True:
        g = grad(x)
        size = math.sqrt(g @ g)
        x = x - lr * size * (g / max(size, 1e-300))
        yield x


@way(PLAIN)
def by_matrix(grad, x, lr=0.1):
    while True:
        x = x - (lr * np.eye(len(x))) @ grad(x)
        yield x


@way(PLAIN)
def by_stacking(grad, x, lr=0.1):
    while True:
        x = np.stack([x, grad(x)], axis=-1) @ np.array([1.0, -float(lr)])
        yield x


@way(PLAIN)
def by_where(grad, x, lr=0.1):
    while True:
        g = grad(x)
        x = np.where(g > 0, x - lr * np.abs(g), x + lr * np.abs(g))
        yield x


@way(PLAIN)
def with_an_if(grad, x, lr=0.1):
    while True:
        g = grad(x)
        if g[0] > 1:
            x = x - lr * g
        else:
            x = x + (-lr) * g
        yield x


@way(PLAIN)
def with_a_counter(grad, x, lr=0.1):
    for _ in count(1):
        x = x + -lr * grad(x)
        yield x.copy()


@way(PLAIN)
def by_einsum(grad, x, lr=0.1):
    while True:
        x = x - np.einsum("...i,...->...i", grad(x), np.broadcast_to(lr, grad(x).shape)[..., 0])
        yield x


class AsAClass:
    """An iterator with its state in attributes."""

    def __init__(self, grad, x, lr=0.1):
        self.grad, self.x, self.lr = grad, x, lr

    def __iter__(self):
        return self

    def __next__(self):
        self.x = self.x - self.lr * self.grad(self.x)
        return self.x


@way(PLAIN)
def made_by_a_class(grad, x, lr=0.1):
    return AsAClass(grad, x, lr)


@way(PLAIN)
def with_its_history(grad, x, lr=0.1):
    path = [x]
    while True:
        path.append(path[-1] - lr * grad(path[-1]))
        yield path[-1]


@way(PLAIN)
def largest_first(grad, x, lr=0.1):
    while True:
        g = grad(x)
        top = max(abs(g))
        x = x - lr * top * (g / top if top > 0 else g)
        yield x


# Adam whose gradient is clipped, in many ways


def clipped_at_once(g):
    size = np.linalg.norm(g, axis=-1, keepdims=True)
    return g * np.minimum(1.0, LIMIT / np.maximum(size, 1e-300))


def adam_on(clip: Callable) -> Callable:
    def rule(grad, x, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        m = s = np.zeros_like(x)
        for t in count(1):
            g = clip(grad(x))
            m = beta1 * m + (1 - beta1) * g
            s = beta2 * s + (1 - beta2) * g**2
            x = x - lr * (m / (1 - beta1**t)) / (np.sqrt(s / (1 - beta2**t)) + eps)
            yield x

    rule.__name__ = f"adam_{clip.__name__}"
    return rule


def clipped_by_if(g):
    size = np.linalg.norm(g)
    return g * (LIMIT / size) if size > LIMIT else g


def clipped_by_min(g):
    return g * min(1.0, LIMIT / max(np.linalg.norm(g), 1e-300))


def clipped_by_dot(g):
    return g * min(1.0, LIMIT / max((g @ g) ** 0.5, 1e-300))


def clipped_by_sum(g):
    return g * np.minimum(1.0, LIMIT / np.maximum(np.sqrt(np.sum(g**2)), 1e-300))


def clipped_by_vdot(g):
    return g * min(1.0, LIMIT / max(np.sqrt(np.vdot(g, g)), 1e-300))


def clipped_by_hypot(g):
    return g * min(1.0, LIMIT / max(math.hypot(*g), 1e-300))


def clipped_in_place(g):
    size = np.linalg.norm(g)
    if size > LIMIT:
        g *= LIMIT / size
    return g


def clipped_by_python(g):
    size = sum(float(gi) ** 2 for gi in g) ** 0.5
    return np.array([float(gi) * min(1.0, LIMIT / max(size, 1e-300)) for gi in g])


def clipped_last_axis(g):
    size = np.sqrt(np.sum(g * g, -1))[..., None]
    return np.where(size > LIMIT, g * LIMIT / np.maximum(size, 1e-300), g)


def clipped_by_einsum(g):
    size = np.sqrt(np.einsum("...i,...i->...", g, g))[..., np.newaxis]
    return g / np.maximum(1.0, size / LIMIT)


def clipped_by_lists(g):
    size = math.dist(list(g), [0.0] * len(g))
    return g if size <= LIMIT else g * (LIMIT / size)


def clipped_by_norm_of_order(g):
    return g * min(1.0, LIMIT / max(float(np.linalg.norm(g, 2)), 1e-300))


CLIPPED.extend(
    adam_on(clip)
    for clip in (
        clipped_by_if, clipped_by_min, clipped_by_dot, clipped_by_sum, clipped_by_vdot,
        clipped_by_hypot, clipped_in_place, clipped_by_python, clipped_last_axis,
        clipped_by_einsum, clipped_by_lists, clipped_by_norm_of_order,
    )
)  # fmt: skip
CLIPPED_ADAM = adam_on(clipped_at_once)
WAYS = [(rule, gradient_descent) for rule in PLAIN] + [(rule, CLIPPED_ADAM) for rule in CLIPPED]
by_way = pytest.mark.parametrize(("rule", "model"), WAYS, ids=[rule.__name__ for rule, _ in WAYS])


@pytest.fixture(autouse=True)
def quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*one run at a time")
        yield


def test_there_are_thirty_ways_or_more() -> None:
    assert len(WAYS) >= 29 and len(PLAIN) > 15 and len(CLIPPED) > 10


@by_way
def test_all_of_the_library_agrees(rule: Callable, model: Callable) -> None:
    on, rates = ravine(), np.array([0.03, 0.2, 0.9])
    alone = [descend(model, on, steps=30, lr=lr) for lr in rates]
    for lr, path in zip(rates, alone, strict=True):
        np.testing.assert_allclose(
            descend(rule, on, steps=30, lr=lr).points, path.points, rtol=1e-9, atol=1e-12
        )
    swept = sweep(rule, on, steps=30, lr=rates)
    np.testing.assert_allclose(swept.values, [p.values for p in alone], rtol=1e-9, atol=1e-15)
    starts = np.random.default_rng(2).uniform(-4, 4, size=(4, 2))
    settings = {"lr": rates}
    np.testing.assert_array_equal(
        steps_to(1e-2, rule, on, starts, 40, settings),
        steps_to(1e-2, model, on, starts, 40, settings),
    )
    steps = dissect(rule, on, steps=3, lr=0.2)[1]
    np.testing.assert_allclose(steps[-1].end, alone[1].points[3], rtol=1e-9, atol=1e-12)


@by_way
@pytest.mark.usefixtures("sketched")
def test_a_slider_shows_the_same(rule: Callable, model: Callable) -> None:
    shown, right = explore(rule, on=beale, steps=20), explore(model, on=beale, steps=20)
    np.testing.assert_allclose(shown.path.points, right.path.points, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("rule", [length_and_direction, with_an_if, CLIPPED[0], CLIPPED[3]])
def test_training_agrees(rule: Callable) -> None:
    model = gradient_descent if rule in PLAIN else CLIPPED_ADAM
    network, data = Network((64, 4, 10)), digits()
    options = dict(steps=6, seeds=(0, 1), every=3)
    one, other = (train(r, network, data, lr=0.05, **options) for r in (rule, model))
    np.testing.assert_allclose(one.w, other.w, rtol=1e-9, atol=1e-12)
    one, other = (tune(r, network, data, budget=3, steps=4, seeds=(0, 1)) for r in (rule, model))
    np.testing.assert_allclose(one.loss, other.loss, rtol=1e-9)


def test_who_is_run_one_by_one_is_told_so_and_others_are_not() -> None:
    slow = [rule for rule, _ in WAYS if not makes_many(rule, 2, {"lr": np.array([0.1, 0.2])})]
    assert {with_a_list, with_an_if, largest_first, CLIPPED[0], CLIPPED[3]} <= set(slow)
    assert not {as_the_course, by_where, with_its_history, CLIPPED[8]} & set(slow)
    with pytest.warns(UserWarning, match=r"with_an_if .* `axis=-1, keepdims=True`"):
        sweep(with_an_if, ravine(), steps=2, lr=[0.1, 0.2])


def test_a_norm_that_comes_late_is_seen() -> None:
    """A rule that clips huge gradients only would pass a trial with ordinary ones."""

    def rarely(grad, x, lr=0.1):
        while True:
            g = grad(x)
            x = x - lr * (g if np.linalg.norm(g) < 1e3 else g / np.linalg.norm(g))
            yield x

    assert not makes_many(rarely, 2, {"lr": np.array([0.1, 0.2])})


# Rules that are none: the same words wherever they run


def ends(grad, x, lr=0.1):
    for _ in range(20):
        x = x - lr * grad(x)
        yield x


def returns(grad, x, lr=0.1):
    return x - lr * grad(x)


def yields_one_number(grad, x, lr=0.1):
    while True:
        yield float(np.sum(x))


@pytest.mark.parametrize(
    ("rule", "error", "words"),
    [
        (ends, ValueError, r"ends stopped after 20 of \d+ steps; a rule goes on for ever"),
        (returns, TypeError, "returns must be a generator function: write `yield x`"),
        (yields_one_number, ValueError, "yields_one_number must yield points of shape"),
    ],
)
@pytest.mark.parametrize(
    "runs",
    [
        lambda rule: descend(rule, ravine(), steps=40),
        lambda rule: sweep(rule, ravine(), steps=40, lr=[0.1, 0.2]),
        lambda rule: compare([momentum, rule], ravine(), 4, 8, steps=40),
        lambda rule: robustness([rule], ravine(), np.array([0.1, 0.3]), starts=4, steps=40),
        lambda rule: train(rule, Network((64, 10)), digits(), steps=40, every=40),
        lambda rule: tune(rule, Network((64, 10)), digits(), budget=2, steps=40),
        lambda rule: explore(rule, on=ravine(), steps=40),
    ],
    ids=["descend", "sweep", "compare", "robustness", "train", "tune", "explore"],
)
def test_what_is_no_rule_is_told_in_the_same_words(runs, rule, error, words) -> None:
    with pytest.raises(error, match=words):
        runs(rule)


# Landscapes


def test_a_landscape_for_one_point_is_taken_point_by_point() -> None:
    right = Landscape(
        "bowl",
        lambda x: x[..., 0] ** 2 + 3 * x[..., 1] ** 2,
        lambda x: x * np.array([2.0, 6.0]),
        (1.0, 2.0),
        ((-3, 3), (-3, 3)),
        minima=((0.0, 0.0),),
    )
    as_written = {
        "indexed": (lambda x: x[0] ** 2 + 3 * x[1] ** 2, lambda x: np.array([2 * x[0], 6 * x[1]])),
        "a list": (lambda x: x[0] ** 2 + 3 * x[1] ** 2, lambda x: [2 * x[0], 6 * x[1]]),
        "a tuple": (lambda x: sum((x[0] ** 2, 3 * x[1] ** 2)), lambda x: (2 * x[0], 6 * x[1])),
        "unpacked": (lambda p: (lambda x, y: x * x + 3 * y * y)(*p), lambda x: 2 * x * [1, 3]),
        "a product": (lambda x: x @ np.diag([1.0, 3.0]) @ x, lambda x: np.diag([2.0, 6.0]) @ x),
        "float32": (
            lambda x: np.float64(x[0] ** 2 + 3 * x[1] ** 2),
            lambda x: np.array([2 * x[0], 6 * x[1]], dtype=np.float32),
        ),
    }
    rates = [0.02, 0.1, 0.3]
    for name, (f, grad) in as_written.items():
        on = Landscape(name, f, grad, (1.0, 2.0), ((-3, 3), (-3, 3)), minima=((0.0, 0.0),))
        tolerance = 1e-5 if name == "float32" else 1e-9
        for runs in (2, 3):  # two runs of two coordinates: shapes that fit by accident
            one = sweep(momentum, on, steps=9, lr=rates[:runs], beta=0.5)
            other = sweep(momentum, right, steps=9, lr=rates[:runs], beta=0.5)
            np.testing.assert_allclose(one.values, other.values, rtol=tolerance)
        np.testing.assert_allclose(
            descend(adam, on, steps=9, lr=0.1).points,
            descend(adam, right, steps=9, lr=0.1).points,
            rtol=tolerance,
        )
        assert compare([adam], on, 6, 8, steps=40)["adam"].arrived == (
            compare([adam], right, 6, 8, steps=40)["adam"].arrived
        )


def test_a_gradient_that_changes_its_argument_changes_a_copy() -> None:
    def doubling(x):
        x *= 2
        return x

    on = Landscape("x²", lambda x: np.sum(x**2, axis=-1), doubling, (3.0, 1.0), ((-4, 4), (-4, 4)))
    path = descend(gradient_descent, on, steps=5, lr=0.1)
    np.testing.assert_allclose(path.points[-1], np.array([3.0, 1.0]) * 0.8**5)
    np.testing.assert_allclose(
        sweep(gradient_descent, on, steps=5, lr=[0.1, 0.2]).values[0], path.values
    )


@pytest.mark.parametrize(
    ("f", "grad", "words"),
    [
        (lambda x: x, lambda x: x, r"f of mine must return numbers of shape \(\)"),
        (lambda x: x @ x, lambda x: x[0], r"grad of mine must return numbers of shape \(2,\)"),
        (lambda x: "high", lambda x: x, "f of mine must return numbers, got"),
        (lambda x: None, lambda x: x, r"f of mine returns nothing \(None\)"),
    ],
)
def test_a_landscape_that_is_none_is_told_so(f, grad, words) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        descend(gradient_descent, Landscape("mine", f, grad, (1.0, 2.0), ((-3, 3), (-3, 3))))


# What makes a result worthless


def test_nought_by_nought_is_no_divergence() -> None:
    flat = Landscape(
        "a plain", lambda x: 0 * x.sum(axis=-1), lambda x: 0 * x, (1.0, 1.0), ((-2, 2), (-2, 2))
    )
    path = descend(adam, flat, steps=5, eps=0.0)
    assert path.undefined and path.diverged == 1
    assert path.summary == "Adam on a plain is not a number (0/0) from step 1 on."
    fled = descend(gradient_descent, ravine(), steps=4000, lr=2.5)
    assert fled.diverged and not fled.undefined and "diverged at step" in fled.summary


def test_a_best_at_the_edge_of_what_was_tried_is_told() -> None:
    rates = np.geomspace(0.01, 0.1, 5)
    cut = sweep(gradient_descent, ravine(), steps=50, lr=rates)
    assert cut.at_edge == ("lr",) and "best at the edge of lr" in repr(cut)
    whole = sweep(gradient_descent, ravine(), steps=50, lr=np.geomspace(0.01, 1.5, 40))
    assert whole.at_edge == () and "edge" not in repr(whole)
    steep = ravine()
    found = compare([gradient_descent, (momentum, {"beta": 0.9})], steep, 2, 8, steps=100)
    assert found["gradient_descent"].at_edge == ("lr",)
    assert "(edge)" in repr(found) and "At the edge of what was tried" in found.says
    found = compare([gradient_descent], steep, 40, 8, steps=100)
    assert found["gradient_descent"].at_edge == () and "edge" not in found.says
