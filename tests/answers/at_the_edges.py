"""Wrong answers to all exercises that usual cases would let pass: only an edge gives them away."""

from itertools import count

import numpy as np

from answers.bank import wrong
from course_lib import optimizers
from course_lib.descent import descend
from exercise_lib import check

# 02: rows that do not divide, data that are changed, other budgets


@wrong(check.minibatch_gradient, says="more often than others")
def without_the_tail(features, targets, batch, rng):
    def grad(x):
        n = len(targets) // batch * batch
        rows = rng.permutation(n)[:batch]
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, says="in place")
def shuffles_the_data(features, targets, batch, rng):
    def grad(x):
        order = rng.permutation(len(targets))
        features[:], targets[:] = features[order], targets[order]
        a, b = features[:batch], targets[:batch]
        return (a @ x - b) @ a / batch

    return grad


wrong(check.fair_comparison, says="The factor is not what")({"factor": 23.2, "why": "b"})
wrong(check.fair_comparison, says="The factor is not what")({"factor": 44.0, "why": "b"})

# 01 to 04: rules that hold for quadratics, for small η, for small β


@wrong(check.gradient_descent, says="step")
def never_beyond_a_half(grad, x, lr=0.1):
    while True:
        x = x - min(lr, 0.5) * grad(x)
        yield x


@wrong(check.momentum, says="step")
def short_memory(grad, x, lr=0.1, beta=0.9):
    return optimizers.momentum(grad, x, lr, min(beta, 0.8))


@wrong(check.nesterov, says="step")
def by_the_change_of_slope(grad, x, lr=0.1, beta=0.9):
    v, before = np.zeros_like(x), None
    while True:
        g = grad(x)
        before = g if before is None else before
        v = beta * v - lr * (g + beta * (g - before))
        x, before = x + v, g
        yield x


@wrong(check.sgd, says="step")
def rate_never_below(grad, x, lr=0.1, tau=10.0):
    for t in count():
        x = x - max(lr / (1 + t / tau), 0.01) * grad(x)
        yield x


# 04 to 07: whole numbers, the right coordinate, one coordinate of several


@wrong(check.leaving_time, says="differs from the right one")
def by_distance(rule, on, lr, beta=0.9):
    points = descend(rule, on, steps=1000, lr=lr, beta=beta).points
    return np.argmax(np.linalg.norm(points, axis=1) > 1)


@wrong(check.steps_to_fall, "one more, where it comes out whole")
def one_more(part):
    return int(1 / part**2) + 1


@wrong(check.units_checker, "one coordinate is enough")
def if_one_coordinate_agrees(numerator, x, g, delta):
    new = numerator(10 * x + 5, 0.7 * g, 10 * delta)
    return bool(np.any(np.isclose(new, 10 * numerator(x, g, delta))))


wrong(check.units_checker, says="True or False")(lambda numerator, x, g, delta: "yes")

# 09 and 10: large p, a coordinate that never had a gradient


@wrong(check.faded_norm, "the maximum from some p on")
def infinite_from_a_hundred_on(g, beta2, p):
    a = np.abs(g) * beta2 ** np.arange(len(g))[::-1]
    return a.max() if p > 100 else np.sum(a**p) ** (1 / p)


# 11: exactly half


@wrong(check.half_life, "rounded down, and one more")
def rounded_down_and_one_more(lr, weight_decay):
    return np.floor(np.log(0.5) / np.log(1 - lr * weight_decay)) + 1


# 12 and 13: the ends of grids, other rules, another minimum, an order that is none


@wrong(check.usable_decades, "not closed at the end")
def until_the_next_nan(lr, steps):
    best, first = 0.0, None
    for i, n in enumerate(steps):
        if np.isfinite(n) and first is None:
            first = i
        elif not np.isfinite(n) and first is not None:
            best, first = max(best, np.log10(lr[i - 1] / lr[first])), None
    return best


@wrong(check.recorded_path, "own steps")
def walks_by_itself(rule, grad, x, lr, steps):
    points = [x.copy()]
    for _ in range(steps):
        points.append(points[-1] - lr * grad(points[-1]))
    return np.array(points)


@wrong(check.tuned_fairly, "chosen by the distance from 0")
def by_the_size_of_the_point(rule, on, rates, tune, judge, steps):
    def end(lr, start):
        return np.linalg.norm(descend(rule, on, start, steps, lr=lr).points[-1])

    best = rates[np.argmin([np.median([end(lr, start) for start in tune]) for lr in rates])]
    return best, np.median([descend(rule, on, s, steps, lr=best).gap[-1] for s in judge])


@wrong(check.epoch_batches, "begun elsewhere")
def rolled(n, size, rng):
    order = np.roll(np.arange(n), rng.integers(n))
    return [order[i : i + size] for i in range(0, n, size)]


# 14: a minimum that is not 0, and a start in the worst direction


@wrong(check.own_rule, says="times as much of f is left")
def to_the_origin(grad, x):
    while True:
        grad(x)
        x = 0 * x
        yield x


@wrong(check.own_rule, says="times as much of f is left")
def nearly_there(grad, x):
    return optimizers.nesterov(grad, x, lr=0.3, beta=0.9)


# Answers of another kind: the hint says what they are

wrong(check.nesterov_bugs, says="answer")({name: [1, 2] for name in check.nesterov_bugs.right})
wrong(check.growth_factors, says="a dict")(
    lambda lr, beta, curvature: {"momentum": 1, "nesterov": 2}
)
