"""Answers to exercise 02, stochastic gradient descent."""

import math
from itertools import count

import numpy as np

from answers.bank import right, wrong
from exercise_lib import check

# 1: mini-batch gradients that are wrong


@wrong(check.minibatch_gradient, "sum in place of mean")
def adds_up(features, targets, batch, rng):
    def grad(x):
        g = np.zeros(len(x))
        for i in rng.integers(len(targets), size=batch):
            g = g + (features[i] @ x - targets[i]) * features[i]
        return g

    return grad


@wrong(check.minibatch_gradient, "divided by all rows")
def mean_over_all(features, targets, batch, rng):
    def grad(x):
        rows = rng.choice(len(targets), batch, replace=False)
        return features[rows].T @ (features[rows] @ x - targets[rows]) / len(targets)

    return grad


@wrong(check.minibatch_gradient, "factor two")
def of_the_square(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return 2 / batch * a.T @ (a @ x - b)

    return grad


@wrong(check.minibatch_gradient, "half")
def half_of_it(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return (0.5 * (a @ x - b)[:, None] * a).mean(axis=0)

    return grad


@wrong(check.minibatch_gradient, "wrong sign")
def measured_less_predicted(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return (b - a @ x) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "targets forgotten")
def forgets_the_targets(features, targets, batch, rng):
    def grad(x):
        a = features[rng.integers(len(targets), size=batch)]
        return (a @ x) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "mean error times mean features")
def mean_by_mean(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return np.mean(a @ x - b) * np.mean(a, axis=0)

    return grad


@wrong(check.minibatch_gradient, "batch drawn once")
def drawn_outside(features, targets, batch, rng):
    rows = rng.choice(len(targets), batch)
    a, b = features[rows], targets[rows]

    def grad(x):
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "seeded inside")
def seeds_at_every_call(features, targets, batch, rng):
    def grad(x):
        rng = np.random.default_rng(42)
        rows = rng.choice(len(targets), batch, replace=False)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "first rows only")
def the_first_rows(features, targets, batch, rng):
    def grad(x):
        a, b = features[:batch], targets[:batch]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "seeded outside")
def seeds_once(features, targets, batch, rng):
    rng = np.random.default_rng(1)

    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "generator of its own")
def draws_elsewhere(features, targets, batch, rng):
    own = np.random.default_rng()

    def grad(x):
        rows = own.permutation(len(targets))[:batch]
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "all rows")
def full_batch(features, targets, batch, rng):
    def grad(x):
        return (features @ x - targets) @ features / len(targets)

    return grad


@wrong(check.minibatch_gradient, "all rows")
def shuffles_all_rows(features, targets, batch, rng):
    def grad(x):
        rows = rng.permutation(len(targets))
        return (features[rows] @ x - targets[rows]) @ features[rows] / len(rows)

    return grad


@wrong(check.minibatch_gradient, "one row")
def always_one_row(features, targets, batch, rng):
    def grad(x):
        i = rng.integers(len(targets))
        return (features[i] @ x - targets[i]) * features[i]

    return grad


@wrong(check.minibatch_gradient, "in order")
def one_batch_after_the_other(features, targets, batch, rng):
    used = 0

    def grad(x):
        nonlocal used
        rows = (used + np.arange(batch)) % len(targets)
        used += batch
        return (features[rows] @ x - targets[rows]) @ features[rows] / batch

    return grad


@wrong(check.minibatch_gradient, "block of neighbours")
def slices(features, targets, batch, rng):
    def grad(x):
        i = rng.integers(len(targets) - batch + 1)
        a, b = features[i : i + batch], targets[i : i + batch]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "block of neighbours")
def slices_round_the_end(features, targets, batch, rng):
    def grad(x):
        rows = (rng.integers(len(targets)) + np.arange(batch)) % len(targets)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, says="do not have `batch` rows")
def half_the_batch(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=max(1, batch // 2))
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / len(rows)

    return grad


@wrong(check.minibatch_gradient, "last row left out")
def never_the_last(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(0, len(targets) - 1, size=batch)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, "first row left out")
def never_the_first(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(1, len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, says="drawn more often than others")
def prefers_what_is_far_off(features, targets, batch, rng):
    def grad(x):
        errors = features @ x - targets
        rows = rng.choice(len(targets), batch, p=errors**2 / np.sum(errors**2))
        return errors[rows] @ features[rows] / batch

    return grad


@wrong(check.minibatch_gradient, says="wrong length")
def divides_by_the_root(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / np.sqrt(batch)

    return grad


@wrong(check.minibatch_gradient, says="Is it the mean over exactly `batch` rows?")
def one_row_too_many(features, targets, batch, rng):
    def grad(x):
        rows = rng.choice(len(targets), batch + 1, replace=False)
        a, b = features[rows], targets[rows]
        return (a @ x - b) @ a / batch

    return lambda x: grad(x) * batch / (batch + 1)


@wrong(check.minibatch_gradient, says="one number, times its features")
def pairs_are_broken(features, targets, batch, rng):
    def grad(x):
        a = features[rng.integers(len(targets), size=batch)]
        b = targets[rng.integers(len(targets), size=batch)]
        return (a @ x - b) @ a / batch

    return grad


@wrong(check.minibatch_gradient, says="nan or inf")
def mean_of_nothing(features, targets, batch, rng):
    def grad(x):
        g = np.zeros(len(x))
        return g / g

    return grad


@wrong(check.minibatch_gradient, says="Return a function: `grad`")
def a_result(features, targets, batch, rng):
    rows = rng.integers(len(targets), size=batch)
    return targets[rows] @ features[rows] / batch


@wrong(check.minibatch_gradient, says="a single number; it must be 8 numbers")
def the_mean_error(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        return np.mean(features[rows] @ x - targets[rows])

    return grad


@wrong(check.minibatch_gradient, says="it must be 8 numbers")
def a_row_for_each_row(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        return (features[rows] @ x - targets[rows])[:, None] * features[rows]

    return grad


@wrong(check.minibatch_gradient, says="raised AttributeError: ")
def legacy_method(features, targets, batch, rng):
    def grad(x):
        rows = rng.randint(len(targets), size=batch)
        return (features[rows] @ x - targets[rows]) @ features[rows] / batch

    return grad


@wrong(check.minibatch_gradient, says="Keep the arguments")
def other_arguments(features, targets):
    return lambda x: x


@wrong(check.minibatch_gradient, says="`grad` returns nothing (None)")
def forgets_to_return(features, targets, batch, rng):
    def grad(x):
        rows = rng.integers(len(targets), size=batch)
        (features[rows] @ x - targets[rows]) @ features[rows] / batch

    return grad


# 1: right ones in other styles


@right(check.minibatch_gradient)
def without_replacement(features, targets, batch, rng):
    def grad(x):
        rows = rng.choice(len(targets), size=batch, replace=False)
        a, b = features[rows], targets[rows]
        return a.T @ (a @ x - b) / batch

    return grad


@right(check.minibatch_gradient)
def with_a_loop(features, targets, batch, rng):
    def grad(x):
        total = np.zeros_like(x)
        for _ in range(batch):
            i = rng.integers(0, len(features))
            total += (np.dot(features[i], x) - targets[i]) * features[i]
        return total / batch

    return grad


@right(check.minibatch_gradient)
def with_a_mean(features, targets, batch, rng):
    def grad(x):
        rows = rng.choice(range(len(targets)), batch)
        return np.mean(
            [(a @ x - b) * a for a, b in zip(features[rows], targets[rows], strict=True)], axis=0
        )

    return grad


@right(check.minibatch_gradient)
def epochs(features, targets, batch, rng):
    n = len(targets)
    waiting = []

    def grad(x):
        if len(waiting) < batch:
            waiting[:] = rng.permutation(n)[: n - n % batch].tolist()
        rows = [waiting.pop() for _ in range(batch)]
        return ((features[rows] @ x - targets[rows])[:, None] * features[rows]).mean(0)

    return grad


@right(check.minibatch_gradient)
def shuffled_once(features, targets, batch, rng):
    order = rng.permutation(len(targets))
    used = count(0, batch)

    def grad(x):
        rows = order[np.arange(s := next(used), s + batch) % len(order)]
        return (features[rows] @ x - targets[rows]) @ features[rows] / batch

    return grad


@right(check.minibatch_gradient)
def with_floats(features, targets, batch, rng):
    def grad(x):
        rows = np.floor(rng.random(batch) * len(targets)).astype(int)
        return list((features[rows] @ x - targets[rows]) @ features[rows] / batch)

    return grad


@right(check.minibatch_gradient)
class AsAClass:
    def __init__(self, features, targets, batch, rng):
        self.features, self.targets, self.batch, self.rng = features, targets, batch, rng

    def __call__(self, x):
        rows = self.rng.integers(len(self.targets), size=self.batch)
        a, b = self.features[rows], self.targets[rows]
        return (a @ x - b) @ a / self.batch


# 2: schedules


@wrong(check.learning_rate, "brackets forgotten")
def no_brackets(t, lr, tau):
    return lr / 1 + t / tau


@wrong(check.learning_rate, "whole divisions")
def in_stairs(t, lr, tau):
    return lr / (1 + t // tau)


@wrong(check.learning_rate, "1 forgotten")
def no_one(t, lr, tau):
    return lr / (t / tau)


@wrong(check.learning_rate, "tau forgotten")
def hyperbola(t, lr, tau):
    return lr / (t + 1)


@wrong(check.learning_rate, "tau multiplied")
def as_in_old_libraries(t, lr, tau):
    return lr / (1 + tau * t)


@wrong(check.learning_rate, "square")
def squared(t, lr, tau):
    return lr / (1 + t / tau) ** 2


@wrong(check.learning_rate, "exponential")
def exponential(t, lr, tau):
    return lr * math.exp(-t / tau)


@wrong(check.learning_rate, "counted from 0")
def from_zero(t, lr, tau):
    return lr / (1 + (t - 1) / tau)


@wrong(check.learning_rate, says="differs from the right one")
def cosine(t, lr, tau):
    return lr * (1 + math.cos(t / tau)) / 2


calls = count()


@wrong(check.learning_rate, says="must not remember")
def counts_itself(t, lr, tau):
    return lr / (1 + next(calls) / tau)


@right(check.learning_rate)
def by_tau(t, lr, tau):
    return lr * tau / (tau + t)


@right(check.learning_rate)
def by_power(t, lr, tau):
    return np.multiply(lr, (1.0 + t / tau) ** -1)


# 3: the rule


def falling(t, lr, tau):
    return lr / (1 + t / tau)


@wrong(check.sgd, "t counted from 0")
def counts_too_late(grad, x, lr=0.5, tau=20.0):
    t = 0
    while True:
        x = x - falling(t, lr, tau) * grad(x)
        t += 1
        yield x


@wrong(check.sgd, "t counted from 2")
def counts_too_often(grad, x, lr=0.5, tau=20.0):
    t = 1
    while True:
        t += 1
        x = x - falling(t, lr, tau) * grad(x)
        yield x


@wrong(check.sgd, "t never incremented")
def counter_in_the_loop(grad, x, lr=0.5, tau=20.0):
    while True:
        t = 1
        x = x - falling(t, lr, tau) * grad(x)
        yield x
        t += 1


@wrong(check.sgd, "constant")
def plain(grad, x, lr=0.5, tau=20.0):
    while True:
        x = x - lr * grad(x)
        yield x


@wrong(check.sgd, "falls from what is left")
def schedule_eats_itself(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        lr = lr / (1 + t / tau)
        x = x - lr * grad(x)
        yield x


@wrong(check.sgd, "learning rate twice")
def rate_twice(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        x = x - lr * falling(t, lr, tau) * grad(x)
        yield x


@wrong(check.sgd, "tau forgotten")
def no_tau(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        x = x - lr / (1 + t) * grad(x)
        yield x


@wrong(check.sgd, "tau fixed")
def own_tau(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        x = x - falling(t, lr, 20) * grad(x)
        yield x


@wrong(check.sgd, "uphill")
def plus(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        x = x + falling(t, lr, tau) * grad(x)
        yield x


@wrong(check.sgd, "gradient taken once")
def slope_of_the_start(grad, x, lr=0.5, tau=20.0):
    g = grad(x)
    for t in count(1):
        x = x - falling(t, lr, tau) * g
        yield x


@wrong(check.sgd, "never leaves the start")
def yields_without_keeping(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        yield x - falling(t, lr, tau) * grad(x)


@wrong(check.sgd, "start first")
def starts_with_the_start(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        yield x
        x = x - falling(t, lr, tau) * grad(x)


@wrong(check.sgd, says="in place")
def in_place(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        x -= falling(t, lr, tau) * grad(x)
        yield x


@wrong(check.sgd, says="ends after point number 1;")
def one_step(grad, x, lr=0.5, tau=20.0):
    t = 1
    yield x - falling(t, lr, tau) * grad(x)


clock = count(1)


@wrong(check.sgd, says="disturb each other")
def one_clock_for_all(grad, x, lr=0.5, tau=20.0):
    for t in clock:
        x = x - falling(t, lr, tau) * grad(x)
        yield x


@wrong(check.sgd, says="path is right, from step 6 on")
def waits_a_while(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        x = x - falling(min(t, 5), lr, tau) * grad(x)
        yield x


@right(check.sgd)
def enumerated(grad, x, lr=0.5, tau=20.0):
    for t in count(1):
        x = x - lr * tau / (tau + t) * grad(x)
        yield x


@right(check.sgd)
def steps_shrink(grad, x, lr=0.5, tau=20.0):
    x, denominator = np.array(x), 1.0
    while True:
        denominator += 1 / tau
        x -= lr / denominator * grad(x)
        yield x.copy()


# 4 and 5: the floor


@wrong(check.noise_floor, "mean of x²")
def mean_square(lr, curvature, noise, batch):
    return lr * noise**2 / batch / (curvature * (2 - lr * curvature))


@wrong(check.noise_floor, "small η only")
def small(lr, curvature, noise, batch):
    return lr * noise**2 / (4 * batch)


@wrong(check.noise_floor, "½ forgotten")
def without_half(lr, curvature, noise, batch):
    return lr * noise**2 / batch / (2 - lr * curvature)


@wrong(check.noise_floor, "batch forgotten")
def no_batch(lr, curvature, noise, batch):
    return lr * noise**2 / (2 * (2 - lr * curvature))


@wrong(check.noise_floor, "root of the batch")
def root_of_batch(lr, curvature, noise, batch):
    return lr * noise**2 / math.sqrt(batch) / (2 * (2 - lr * curvature))


@wrong(check.noise_floor, "noise not squared")
def noise_as_variance(lr, curvature, noise, batch):
    return lr * noise / batch / (2 * (2 - lr * curvature))


@wrong(check.noise_floor, "curvature forgotten")
def no_curvature(lr, curvature, noise, batch):
    return lr * noise**2 / batch / (2 * (2 - lr))


@wrong(check.noise_floor, "sign of ηλ")
def plus_sign(lr, curvature, noise, batch):
    return lr * noise**2 / batch / (2 * (2 + lr * curvature))


@wrong(check.noise_floor, "batch squared")
def divides_twice(lr, curvature, noise, batch):
    return lr * (noise / batch) ** 2 / (2 * (2 - lr * curvature))


@wrong(check.noise_floor, "root")
def distance(lr, curvature, noise, batch):
    return math.sqrt(lr * noise**2 / batch / (curvature * (2 - lr * curvature)))


@right(check.noise_floor)
def by_balance(lr, curvature, noise, batch):
    shrinks = (1 - lr * curvature) ** 2
    return 0.5 * curvature * (lr**2 * noise**2 / batch) / (1 - shrinks)


@right(check.noise_floor)
def by_recursion(lr, curvature, noise, batch):
    mean_square = 0.0
    for _ in range(3000):
        mean_square = (1 - lr * curvature) ** 2 * mean_square + lr**2 * noise**2 / batch
    return curvature * mean_square / 2


@wrong(check.lr_for_floor, "small η only")
def for_small(floor, curvature, noise, batch):
    return 4 * batch * floor / noise**2


@wrong(check.lr_for_floor, "sign")
def lost_sign(floor, curvature, noise, batch):
    return 4 * batch * floor / (noise**2 - 2 * batch * floor * curvature)


@wrong(check.lr_for_floor, "half of the batch's share")
def half_batch(floor, curvature, noise, batch):
    return 4 * batch * floor / (noise**2 + 2 * floor * curvature)


@wrong(check.lr_for_floor, "batch forgotten")
def floor_without_batch(floor, curvature, noise, batch):
    return 4 * floor / (noise**2 + 2 * floor * curvature)


@wrong(check.lr_for_floor, "½ of f forgotten")
def floor_without_half(floor, curvature, noise, batch):
    return 2 * batch * floor / (noise**2 + batch * floor * curvature)


@wrong(check.lr_for_floor, "floor taken for the mean of x²")
def floor_of_mean_square(floor, curvature, noise, batch):
    return 2 * batch * floor * curvature / (noise**2 + batch * floor * curvature**2)


@wrong(check.lr_for_floor, says="must be one number")
def a_pair(floor, curvature, noise, batch):
    return 0.1, 0.2


@right(check.lr_for_floor)
def by_bisection(floor, curvature, noise, batch):
    low, high = 0.0, 2 / curvature
    for _ in range(60):
        middle = (low + high) / 2
        reached = middle * noise**2 / batch / (2 * (2 - middle * curvature))
        low, high = (middle, high) if reached < floor else (low, middle)
    return low


# 6: the lines with the bugs

FOUND = {"ada": 4, "ben": 1, "cleo": 3}

wrong(check.batch_bugs, says="In `ada` line 1 is right: it draws a fresh batch")(
    {**FOUND, "ada": 1}
)
wrong(check.batch_bugs, says="In `ben` line 4 is right: that is the mean")({**FOUND, "ben": 4})
wrong(check.batch_bugs, says="In `cleo` line 4 is right: it takes the next rows")(
    {**FOUND, "cleo": 4}
)
wrong(check.batch_bugs, says="`ben` has no line 9")({**FOUND, "ben": 9})
wrong(check.batch_bugs, says="a line for each of 'ada', 'ben', 'cleo'")({"ada": 4})
right(check.batch_bugs)(FOUND)

# 7: the comparison

wrong(check.fair_comparison, says="1024 evaluations for each")({"factor": 3.0, "why": "b"})
wrong(check.fair_comparison, "upside down")({"factor": 0.033, "why": "b"})
wrong(check.fair_comparison, "same η for both")({"factor": 64, "why": "b"})
wrong(check.fair_comparison, "reason a")({"factor": 30, "why": "a"})
wrong(check.fair_comparison, "reason c")({"factor": 28, "why": "c"})
wrong(check.fair_comparison, "reason d")({"factor": 33, "why": "d"})
wrong(check.fair_comparison, says="Neither the factor nor the reason")({"factor": 3, "why": "d"})
wrong(check.fair_comparison, says="one of the letters a, b, c, d")({"factor": 30, "why": "e"})
wrong(check.fair_comparison, says="must be one number")({"factor": [30], "why": "b"})
wrong(check.fair_comparison, says="a factor and a reason")(30)
for factor in (25, 30.2, 36):
    right(check.fair_comparison)({"factor": factor, "why": "b"})
right(check.fair_comparison)({"factor": 30, "why": " B"})
