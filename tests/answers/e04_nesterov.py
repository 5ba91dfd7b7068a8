"""Answers to exercise 04, Nesterov."""

from itertools import count, islice

import numpy as np

from answers.bank import right, wrong
from course_lib import descend, optimizers, saddle
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.nesterov, "momentum")
def ahead_but_not_used(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        ahead = x + beta * v
        g = grad(x)
        v = (ahead - x) - lr * g
        x = x + v
        yield x


@wrong(check.nesterov, "gradient descent")
def velocity_in_the_loop(grad, x, lr=0.01, beta=0.9):
    while True:
        v = np.zeros_like(x)
        v = beta * v - lr * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "looks too far ahead")
def without_beta(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + v)
        x = x + v
        yield x


@wrong(check.nesterov, "looks back")
def minus(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x - beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "looks back to the last point")
def minus_v(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x - v)
        x = x + v
        yield x


@wrong(check.nesterov, "look-ahead kept")
def stays_ahead(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        x = x + beta * v
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.nesterov, "looks ahead by ηv")
def by_the_learning_rate(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + lr * v)
        x = x + v
        yield x


@wrong(check.nesterov, "looks ahead by ηβv")
def learning_rate_ahead(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + lr * beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "looks at βv")
def slope_at_the_step(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "adds the look-ahead to the gradient")
def bracket_too_early(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * (grad(x) + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "looks ahead by a whole step")
def looks_by_a_whole_step(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        ahead = x + beta * v - lr * grad(x)
        v = beta * v - lr * grad(ahead)
        x = x + v
        yield x


@wrong(check.nesterov, "velocity faded twice")
def fades_in_place(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v *= beta
        v -= lr * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "velocity not kept")
def velocity_lost(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = -lr * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "velocity is the gradient step")
def last_part_of_the_step(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        ahead = x + beta * v
        x = ahead - lr * grad(ahead)
        v = x - ahead
        yield x


@wrong(check.nesterov, "β forgotten in the velocity")
def no_drag(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = v - lr * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "β forgotten")
def no_beta_at_all(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = v - lr * grad(x + v)
        x = x + v
        yield x


@wrong(check.nesterov, "wrong sign")
def plus(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v + lr * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "learning rate forgotten")
def no_learning_rate(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "averaging form")
def averages(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * (1 - beta) * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "β on the gradient, too")
def beta_around_all(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * (v - lr * grad(x + beta * v))
        x = x + v
        yield x


@wrong(check.nesterov, "shifted variable")
def as_torch(grad, x, lr=0.01, beta=0.9):
    buffer = np.zeros_like(x)
    while True:
        g = grad(x)
        buffer = beta * buffer + g
        x = x - lr * (g + beta * buffer)
        yield x


@wrong(check.nesterov, "shifted variable")
def yields_the_next_look_ahead(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x + beta * v)
        x = x + v
        yield x + beta * v


@wrong(check.nesterov, "yields the look-ahead")
def yields_the_look_ahead(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        ahead = x + beta * v
        v = beta * v - lr * grad(ahead)
        x = x + v
        yield ahead


@wrong(check.nesterov, "velocity begins as a gradient step")
def begins_with_a_step(grad, x, lr=0.01, beta=0.9):
    v = -lr * grad(x)
    while True:
        v = beta * v - lr * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "velocity begins as x")
def begins_with_x(grad, x, lr=0.01, beta=0.9):
    v = x
    while True:
        v = beta * v - lr * grad(x + beta * v)
        x = x + v
        yield x


@wrong(check.nesterov, "growing β")
def of_1983(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    for t in count(1):
        growing = (t - 1) / (t + 2)
        v = growing * v - lr * grad(x + growing * v)
        x = x + v
        yield x


@wrong(check.nesterov, says="disturb each other")
def in_a_default_argument(grad, x, lr=0.01, beta=0.9, state={"v": 0.0}):  # noqa: B006
    while True:
        v = state["v"] = beta * state["v"] - lr * grad(x + beta * state["v"])
        x = x + v
        yield x


@wrong(check.nesterov, says="Up to step 2 your path is right, from step 3 on")
def looks_two_steps_ahead(grad, x, lr=0.01, beta=0.9):
    v = last = np.zeros_like(x)
    while True:
        v, last = beta * v - lr * grad(x + beta * v + (beta * last if last.any() else 0.0)), v
        x = x + v
        yield x


@wrong(check.nesterov, says="Already the first step leads elsewhere")
def half_steps(grad, x, lr=0.01, beta=0.9):
    return optimizers.nesterov(grad, x, lr / 2, beta)


@wrong(check.nesterov, says="unexpected keyword argument 'beta'")
def of_dozat(grad, x, lr=0.01, mu=0.9):
    return optimizers.nesterov(grad, x, lr, mu)


# 1: right rules in other styles


@right(check.nesterov)
def correction_of_the_look_ahead(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        ahead = x + beta * v
        new = ahead - lr * grad(ahead)
        v, x = new - x, new
        yield x


@right(check.nesterov)
def all_in_place_on_copies(grad, x, lr=0.01, beta=0.9):
    x, v = np.array(x), np.zeros(len(x))
    while True:
        v[:] = beta * v - lr * np.asarray(grad(x + beta * v))
        x += v
        yield x


@right(check.nesterov)
def with_two_points(grad, x, lr=0.01, beta=0.9):
    before = x
    for _ in count():
        ahead = x + beta * (x - before)
        before, x = x, ahead - lr * grad(ahead)
        yield x


@right(check.nesterov)
def from_the_library(grad, x, lr=0.01, beta=0.9):
    """Holds y, and yields x = y − βv."""
    y, buffer = x, 0.0
    while True:
        g = grad(y)
        buffer = beta * buffer + g
        y = y - lr * (g + beta * buffer)
        yield y + lr * beta * buffer


@right(check.nesterov)
def tuples(grad, x, lr=0.01, beta=0.9):
    v = (0.0,) * len(x)
    while True:
        g = grad(tuple(a + beta * b for a, b in zip(x, v, strict=True)))
        v = tuple(beta * b - lr * c for b, c in zip(v, g, strict=True))
        x = tuple(a + b for a, b in zip(x, v, strict=True))
        yield x


@right(check.nesterov)
class AnIterator:
    def __init__(self, grad, x, lr=0.01, beta=0.9):
        self.grad, self.x, self.lr, self.beta, self.v = grad, x, lr, beta, 0.0

    def __iter__(self):
        return self

    def __next__(self):
        self.v = self.beta * self.v - self.lr * self.grad(self.x + self.beta * self.v)
        self.x = self.x + self.v
        return self.x


# 2: the stability limit


@wrong(check.nesterov_limit, "momentum's")
def of_momentum(beta, curvature):
    return 2 * (1 + beta) / curvature


@wrong(check.nesterov_limit, "gradient descent's")
def of_gradient_descent(beta, curvature):
    return 2 / curvature


@wrong(check.nesterov_limit, "1 + β forgotten")
def solved_badly(beta, curvature):
    return 2 / (1 + 2 * beta) / curvature


@wrong(check.nesterov_limit, "brackets around the denominator forgotten")
def bracket_forgotten(beta, curvature):
    return 2 * (1 + beta) / (1 + 2 * beta) * curvature


@wrong(check.nesterov_limit, "brackets around 1 + 2β forgotten")
def other_bracket_forgotten(beta, curvature):
    return 2 * (1 + beta) / (1 + 2 * beta * curvature)


@wrong(check.nesterov_limit, "limit for β near 1")
def of_large_beta(beta, curvature):
    return 4 / 3 / curvature


@wrong(check.nesterov_limit, "looking ahead by v")
def of_the_wrong_look_ahead(beta, curvature):
    return 2 * (1 + beta) / 3 / curvature


@wrong(check.nesterov_limit, "upside down")
def upside_down(beta, curvature):
    return 2 * (1 + 2 * beta) / (1 + beta) / curvature


@wrong(check.nesterov_limit, "arguments exchanged")
def arguments_exchanged(curvature, beta):
    return 2 * (1 + beta) / (1 + 2 * beta) / curvature


@wrong(check.nesterov_limit, says="Too large")
def twice(beta, curvature):
    return 4.5 * (1 + beta) / curvature


@right(check.nesterov_limit)
def as_a_sum(beta, curvature):
    return (1 + 1 / (1 + 2 * beta)) / curvature


@right(check.nesterov_limit)
def by_bisection(beta, curvature):
    low, high = 0.0, 5.0
    for _ in range(40):
        s = (low + high) / 2
        keep = beta * (1 - s)
        sizes = np.abs(np.linalg.eigvals([[1 - s, keep], [-s, keep]]))
        low, high = (s, high) if max(sizes) < 1 else (low, s)
    return low / curvature


# 3: the library's points


@wrong(check.recovered_points, "unchanged")
def as_they_are(y, beta):
    return y


@wrong(check.recovered_points, "velocity of y")
def differences_of_y(y, beta):
    return y - beta * np.diff(y, axis=0, prepend=y[:1])


@wrong(check.recovered_points, "last y in place of last x")
def last_y(y, beta):
    x = y.copy()
    x[1:] = (y[1:] + beta * y[:-1]) / (1 + beta)
    return x


@wrong(check.recovered_points, "not divided")
def not_divided(y, beta):
    x = y.copy()
    for t in range(1, len(y)):
        x[t] = y[t] + beta * x[t - 1]
    return x


@wrong(check.recovered_points, "brackets forgotten")
def bracket_forgotten_in_x(y, beta):
    x = y.copy()
    for t in range(1, len(y)):
        x[t] = y[t] + beta * x[t - 1] / (1 + beta)
    return x


@wrong(check.recovered_points, "wrong sign of the last x")
def wrong_sign(y, beta):
    x = y.copy()
    for t in range(1, len(y)):
        x[t] = (y[t] - beta * x[t - 1]) / (1 + beta)
    return x


@wrong(check.recovered_points, "wrong sign in the denominator")
def wrong_denominator(y, beta):
    x = [y[0]]
    for point in y[1:]:
        x.append((point + beta * x[-1]) / (1 - beta))
    return x


@wrong(check.recovered_points, "first point zero")
def from_zero(y, beta):
    x = np.zeros_like(y)
    for t in range(1, len(y)):
        x[t] = (y[t] + beta * x[t - 1]) / (1 + beta)
    return x


@wrong(check.recovered_points, "first point divided, too")
def begins_before_the_start(y, beta):
    x = np.zeros_like(y)
    for t in range(len(y)):
        x[t] = (y[t] + beta * x[t - 1]) / (1 + beta)  # x[-1] is 0 at t = 0
    return x


@wrong(check.recovered_points, "last x forgotten")
def only_divided(y, beta):
    return y / (1 + beta)


@wrong(check.recovered_points, says="Change a copy")
def in_place(y, beta):
    for t in range(1, len(y)):
        y[t] = (y[t] + beta * y[t - 1]) / (1 + beta)
    return y


@wrong(check.recovered_points, says="must be an array of shape (9, 2)")
def without_the_start(y, beta):
    return recurrence(y, beta)[1:]


@wrong(check.recovered_points, says="returns nothing so far")
def returns_nothing(y, beta):
    recurrence(y, beta)


@right(check.recovered_points)
def recurrence(y, beta):
    x = y.copy()
    for t in range(1, len(y)):
        x[t] = (y[t] + beta * x[t - 1]) / (1 + beta)
    return x


@right(check.recovered_points)
def list_of_points(y, beta):
    x = [y[0]]
    for point in y[1:]:
        x.append((point + beta * x[-1]) / (1 + beta))
    return x


@right(check.recovered_points)
def list_of_tuples(y, beta):
    return [tuple(map(float, point)) for point in recurrence(y, beta)]


@right(check.recovered_points)
def by_velocity(y, beta):
    x, v = [y[0]], 0
    for point in y[1:]:
        v = (point - x[-1]) / (1 + beta)
        x.append(x[-1] + v)
    return np.array(x)


@right(check.recovered_points)
def by_solving_for_all_at_once(y, beta):
    n = len(y)
    matrix = (1 + beta) * np.eye(n) - beta * np.eye(n, k=-1)
    matrix[0, 0] = 1
    return np.linalg.solve(matrix, y)


# 4: three bugs

wrong(check.nesterov_bugs, says="In `hasty` line 3 is right")(
    {"hasty": 3, "landing": 4, "nesterov_with": 1}
)
wrong(check.nesterov_bugs, says="In `landing` line 2 is right: that is the point")(
    {"hasty": 2, "landing": 2, "nesterov_with": 2}
)
wrong(check.nesterov_bugs, says="In `nesterov_with` line 2 is right: it only says which `v`")(
    {"hasty": 2, "landing": 4, "nesterov_with": 2}
)
wrong(check.nesterov_bugs, says="Give the number of a line for each")(
    {"hasty": 2, "landing": None, "nesterov_with": 1}
)
wrong(check.nesterov_bugs, says="a line for each of 'hasty', 'landing', 'nesterov_with'")(
    {"hasty": 2}
)
right(check.nesterov_bugs)({"hasty": 2, "landing": 4, "nesterov_with": 1})

# 5: put one right


@wrong(check.mended_nesterov, says="disturb each other")
def not_repaired(lr, beta):
    v = 0.0

    def rule(grad, x):
        nonlocal v
        while True:
            v = beta * v - lr * grad(x + beta * v)
            x = x + v
            yield x

    return rule


@wrong(check.mended_nesterov, says="disturb each other")
def cleared_at_the_start(lr, beta):
    v = 0.0

    def rule(grad, x):
        nonlocal v
        v = 0.0
        while True:
            v = beta * v - lr * grad(x + beta * v)
            x = x + v
            yield x

    return rule


@wrong(check.mended_nesterov, "velocity made in the loop")
def cleared_in_the_loop(lr, beta):
    def rule(grad, x):
        while True:
            v = 0.0
            v = beta * v - lr * grad(x + beta * v)
            x = x + v
            yield x

    return rule


@wrong(check.mended_nesterov, "momentum")
def repaired_and_broken(lr, beta):
    def rule(grad, x):
        return optimizers.momentum(grad, x, lr, beta)

    return rule


@wrong(check.mended_nesterov, says="raised UnboundLocalError")
def only_nonlocal_removed(lr, beta):
    def rule(grad, x):
        while True:
            v = beta * v - lr * grad(x + beta * v)  # noqa: F821
            x = x + v
            yield x

    return rule


@wrong(check.mended_nesterov, "settings not used")
def rule_with_defaults(lr, beta):
    return correction_of_the_look_ahead


@wrong(check.mended_nesterov, says="It must `return` the rule")
def rule_not_returned(lr, beta):
    def rule(grad, x):
        return optimizers.nesterov(grad, x, lr, beta)


@wrong(check.mended_nesterov, says="must return the rule itself")
def a_run_returned(lr, beta):
    return optimizers.nesterov(lambda x: x, np.ones(2), lr, beta)


@right(check.mended_nesterov)
def velocity_in_the_rule(lr, beta):
    def rule(grad, x):
        v = 0.0
        while True:
            v = beta * v - lr * grad(x + beta * v)
            x = x + v
            yield x

    return rule


@right(check.mended_nesterov)
def from_the_rule(lr, beta):
    return lambda grad, x: optimizers.nesterov(grad, x, lr, beta)


# 6: the puzzle, measured


@wrong(check.leaving_time, "one step too few")
def counts_yields_from_zero(rule, on, lr, beta=0.9):
    for t, x in enumerate(rule(on.grad, np.array(on.start), lr=lr, beta=beta)):
        if abs(x[0]) > 1:
            return t


@wrong(check.leaving_time, "one step too many")
def counts_all_points(rule, on, lr, beta=0.9):
    x = descend(rule, on, steps=1000, lr=lr, beta=beta).points[:, 0]
    return np.sum(np.abs(x) <= 1) + 1


@wrong(check.leaving_time, "one side only")
def one_side(rule, on, lr, beta=0.9):
    return np.argmax(descend(rule, on, steps=1000, lr=lr, beta=beta).points[:, 0] > 1)


@wrong(check.leaving_time, says="on both sides of the ridge?")
def waits_for_one_side(rule, on, lr, beta=0.9):
    run = rule(on.grad, np.array(on.start), lr=lr, beta=beta)
    return next(t for t, x in enumerate(run, 1) if x[0] > 1)


@wrong(check.leaving_time, says="wait for the right coordinate")
def waits_for_the_other_coordinate(rule, on, lr, beta=0.9):
    t, x = 0, np.array(on.start)
    run = rule(on.grad, x, lr=lr, beta=beta)
    while abs(x[1]) <= 1:
        t, x = t + 1, next(run)
    return t


@wrong(check.leaving_time, "too short a run")
def too_short(rule, on, lr, beta=0.9):
    return np.argmax(np.abs(descend(rule, on, lr=lr, beta=beta).points[:, 0]) > 1)


@wrong(check.leaving_time, "far too short a run")
def other_coordinate(rule, on, lr, beta=0.9):
    return np.argmax(np.abs(descend(rule, on, steps=1000, lr=lr, beta=beta).points[:, 1]) > 1)


@wrong(check.leaving_time, "always momentum")
def momentum_only(rule, on, lr, beta=0.9):
    return in_one_line(optimizers.momentum, on, lr, beta)


@wrong(check.leaving_time, "unfair")
def unfair(rule, on, lr, beta=0.9):
    return in_one_line(rule, on, lr / 5 if rule.__name__ == "nesterov" else lr, beta)


@wrong(check.leaving_time, "always the same saddle")
def own_saddle(rule, on, lr, beta=0.9):
    return in_one_line(rule, saddle, lr, beta)


@wrong(check.leaving_time, "always the same β")
def beta_left_out(rule, on, lr, beta=0.9):
    return np.argmax(np.abs(descend(rule, on, steps=1000, lr=lr).points[:, 0]) > 1)


@wrong(check.leaving_time, "learning rate left at its default")
def learning_rate_left_out(rule, on, lr, beta=0.9):
    return np.argmax(np.abs(descend(rule, on, steps=1000, beta=beta).points[:, 0]) > 1)


@wrong(check.leaving_time, says="must be one number")
def all_steps(rule, on, lr, beta=0.9):
    return np.flatnonzero(np.abs(descend(rule, on, lr=lr, beta=beta).points[:, 0]) > 1)


@right(check.leaving_time)
def in_one_line(rule, on, lr, beta=0.9):
    x = descend(rule, on, steps=1000, lr=lr, beta=beta).points[:, 0]
    return np.argmax(np.abs(x) > 1)


@right(check.leaving_time)
def with_a_loop(rule, on, lr, beta=0.9):
    for t, x in enumerate(rule(on.grad, np.array(on.start), lr=lr, beta=beta), 1):
        if abs(x[0]) > 1:
            return t


@right(check.leaving_time)
def with_while(rule, on, lr, beta):
    x, t = np.array(on.start), 0
    run = rule(on.grad, x, lr, beta)
    while -1 <= x[0] <= 1:
        x, t = next(run), t + 1
    return float(t)


# 7: the puzzle, predicted


def largest(matrix):
    return max(abs(np.linalg.eigvals(matrix)))


@wrong(check.growth_factors, "order")
def other_order(lr, beta, curvature):
    return by_the_formula(lr, beta, curvature)[::-1]


@wrong(check.growth_factors, "momentum twice")
def momentum_twice(lr, beta, curvature):
    return [by_the_formula(lr, beta, curvature)[0]] * 2


@wrong(check.growth_factors, "bowl")
def in_a_bowl(lr, beta, curvature):
    s = lr * curvature
    return [largest([[1 - s, k], [-s, k]]) for k in (beta, beta * (1 - s))]


@wrong(check.growth_factors, "Nesterov's brake")
def brake_on_a_ridge(lr, beta, curvature):
    s = lr * curvature
    return [largest([[1 + s, k], [s, k]]) for k in (beta, beta * (1 - s))]


@wrong(check.growth_factors, "gradient descent's")
def without_memory(lr, beta, curvature):
    return 1 + lr * curvature, 1 + lr * curvature


@wrong(check.growth_factors, "terminal velocity")
def by_terminal_velocity(lr, beta, curvature):
    return [1 + lr * curvature / (1 - beta)] * 2


@wrong(check.growth_factors, "√β")
def root_of_beta(lr, beta, curvature):
    return np.sqrt([beta, beta])


@wrong(check.growth_factors, "smaller eigenvalue")
def smaller_ones(lr, beta, curvature):
    s = -lr * curvature
    return [np.linalg.eigvals([[1 - s, k], [-s, k]]).min() for k in (beta, beta * (1 - s))]


@wrong(check.growth_factors, "growth of f")
def of_f(lr, beta, curvature):
    return np.array(by_the_formula(lr, beta, curvature)) ** 2


@wrong(check.growth_factors, "λ forgotten")
def of_one_curvature(lr, beta, curvature):
    return by_the_formula(lr, beta, 1.0)


@wrong(check.growth_factors, "always the same η and β")
def of_one_setting(lr, beta, curvature):
    return by_the_formula(0.05, 0.9, curvature)


@wrong(check.growth_factors, says="must be 2 numbers")
def one_factor(lr, beta, curvature):
    return by_the_formula(lr, beta, curvature)[0]


@right(check.growth_factors)
def by_the_formula(lr, beta, curvature):
    s = lr * curvature

    def root(keep):
        half = (1 + s + keep) / 2
        return half + (half**2 - keep) ** 0.5

    return root(beta), root(beta * (1 + s))


@right(check.growth_factors)
def measured(lr, beta, curvature):
    ratios = []
    for rule in (optimizers.momentum, optimizers.nesterov):
        run = rule(lambda x: -curvature * x, np.array([1e-5]), lr=lr, beta=beta)
        before, after = islice(run, 298, 300)
        ratios.append(after[0] / before[0])
    return np.array(ratios)
