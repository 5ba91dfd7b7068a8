"""Answers to exercise 07, AdaDelta."""

import math
from collections import deque

import numpy as np

from answers.bank import right, wrong
from course_lib import optimizers
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.adadelta, "d before it is used")
def paper_misread(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = np.sqrt((d + eps) / (s + eps)) * g
        d = beta * d + (1 - beta) * delta**2
        x = x - np.sqrt((d + eps) / (s + eps)) * g
        yield x


@wrong(check.adadelta, "wrong sign")
def plus(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = np.sqrt((d + eps) / (s + eps)) * g
        d = beta * d + (1 - beta) * delta**2
        x = x + delta
        yield x


@wrong(check.adadelta, "no numerator")
def half(grad, x, beta=0.95, eps=1e-6):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - g / np.sqrt(s + eps)
        yield x


@wrong(check.adadelta, "ε missing below")
def no_eps_below(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = -np.sqrt((d + eps) / s) * g
        d = beta * d + (1 - beta) * delta**2
        x = x + delta
        yield x


@wrong(check.adadelta, "points in d")
def positions(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g
        d = beta * d + (1 - beta) * x * x
        x = x + delta
        yield x


@wrong(check.adadelta, "upside down")
def upside_down(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = -np.sqrt((s + eps) / (d + eps)) * g
        d = beta * d + (1 - beta) * delta**2
        x = x + delta
        yield x


@wrong(check.adadelta, "s after it is used")
def slope_too_late(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g
        s = beta * s + (1 - beta) * g**2
        d = beta * d + (1 - beta) * delta**2
        x = x + delta
        yield x


@wrong(check.adadelta, "d never changes")
def d_forgotten(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - np.sqrt(d + eps) / np.sqrt(s + eps) * g
        yield x


@wrong(check.adadelta, says="disturb each other")
def state_in_a_default(grad, x, beta=0.95, eps=1e-6, state={"s": 0.0, "d": 0.0}):  # noqa: B006
    while True:
        g = grad(x)
        state["s"] = beta * state["s"] + (1 - beta) * g**2
        delta = -np.sqrt(state["d"] + eps) / np.sqrt(state["s"] + eps) * g
        state["d"] = beta * state["d"] + (1 - beta) * delta**2
        x = x + delta
        yield x


@wrong(check.adadelta, says="in place")
def moves_the_start(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g
        d = beta * d + (1 - beta) * delta**2
        x += delta
        yield x.copy()


@wrong(check.adadelta, says="Up to step 2 your path is right, from step 3 on")
def forgets_steps_faster(grad, x, beta=0.95, eps=1e-6):
    s = d = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        delta = -np.sqrt(d + eps) / np.sqrt(s + eps) * g
        d = beta**2 * d + (1 - beta) * delta**2
        x = x + delta
        yield x


@wrong(check.adadelta, says="Already the first step leads elsewhere")
def half_steps(grad, x, beta=0.95, eps=1e-6):
    return optimizers.adadelta(grad, x, beta, eps / 2)


# 1: right rules in other styles


@right(check.adadelta)
def eta_named(grad, x, beta=0.95, eps=1e-6):
    mean_g2, mean_dx2 = 0.0, 0.0
    while True:
        g = grad(x)
        mean_g2 = mean_g2 + (1 - beta) * (g**2 - mean_g2)
        eta = (mean_dx2 + eps) ** 0.5
        new = x - eta * g / (mean_g2 + eps) ** 0.5
        mean_dx2 = mean_dx2 + (1 - beta) * ((new - x) ** 2 - mean_dx2)
        x = new
        yield x


@right(check.adadelta)
class AdaDelta:
    def __init__(self, grad, x, beta=0.95, eps=1e-6):
        self.grad, self.x, self.beta, self.eps = grad, x.copy(), beta, eps
        self.s, self.d = np.zeros(len(x)), np.zeros(len(x))

    def __iter__(self):
        return self

    def __next__(self):
        g = self.grad(self.x)
        self.s += (1 - self.beta) * (g**2 - self.s)
        step = np.sqrt((self.d + self.eps) / (self.s + self.eps)) * g
        self.d += (1 - self.beta) * (step**2 - self.d)
        self.x -= step
        return self.x.copy()


@right(check.adadelta)
def list_of_floats(grad, x, beta=0.95, eps=1e-6):
    x = [float(xi) for xi in x]
    s, d = [0.0] * len(x), [0.0] * len(x)
    while True:
        for i, gi in enumerate(grad(x)):
            s[i] = beta * s[i] + (1 - beta) * gi * gi
            step = math.sqrt(d[i] + eps) / math.sqrt(s[i] + eps) * gi
            d[i] = beta * d[i] + (1 - beta) * step * step
            x[i] -= step
        yield list(x)


@right(check.adadelta)
def by_weights(grad, x, beta=0.95, eps=1e-6):
    """The means as sums over all that was, 300 steps back."""
    slopes, steps = deque(maxlen=300), deque(maxlen=300)
    while True:
        slopes.appendleft(grad(x))
        weights = (1 - beta) * beta ** np.arange(len(slopes))
        s = weights @ np.square(slopes)
        d = weights[:-1] @ np.square(steps)[: len(slopes) - 1] if steps else 0.0
        steps.appendleft(-np.sqrt(d + eps) / np.sqrt(s + eps) * slopes[0])
        x = x + steps[0]
        yield x


# 2: a checker of units


@wrong(check.units_checker, "always True")
def optimist(numerator, x, g, delta):
    return True


@wrong(check.units_checker, "origin forgotten")
def same_origin(numerator, x, g, delta):
    return np.allclose(numerator(3 * x, 5 / 3 * g, 3 * delta), 3 * numerator(x, g, delta))


@wrong(check.units_checker, "slopes not converted")
def same_slopes(numerator, x, g, delta):
    return np.allclose(numerator(3 * x + 1, g, 3 * delta), 3 * numerator(x, g, delta))


@wrong(check.units_checker, "slopes not converted")
def one_factor(numerator, x, g, delta):
    k = c = 3
    return np.allclose(numerator(k * x + 1, c / k * g, k * delta), k * numerator(x, g, delta))


@wrong(check.units_checker, "f not converted")
def same_joules(numerator, x, g, delta):
    return np.allclose(numerator(3 * x + 1, g / 3, 3 * delta), 3 * numerator(x, g, delta))


@wrong(check.units_checker, "slopes converted like x")
def slopes_grow(numerator, x, g, delta):
    return np.allclose(numerator(3 * x + 1, 3 * g, 3 * delta), 3 * numerator(x, g, delta))


@wrong(check.units_checker, "steps not converted")
def moved_steps(numerator, x, g, delta):
    return np.allclose(numerator(3 * x + 1, 5 / 3 * g, 3 * delta + 1), 3 * numerator(x, g, delta))


@wrong(check.units_checker, "unchanged wanted")
def constant(numerator, x, g, delta):
    return np.allclose(numerator(3 * x + 1, 5 / 3 * g, 3 * delta), numerator(x, g, delta))


@wrong(check.units_checker, "the other way round")
def old_from_new(numerator, x, g, delta):
    new = numerator(3 * x + 1, 5 / 3 * g, 3 * delta)
    return np.allclose(3 * new, numerator(x, g, delta))


@wrong(check.units_checker, "one coordinate is enough")
def any_of_them(numerator, x, g, delta):
    new = numerator(10 * x + 1, 7 / 10 * g, 10 * delta)
    return any(np.isclose(new, 10 * numerator(x, g, delta)))


@wrong(check.units_checker, says="`==` does not")
def any_exactly(numerator, x, g, delta):
    new = numerator(10 * x + 1, 7 / 10 * g, 10 * delta)
    return any(new == 10 * numerator(x, g, delta))


@wrong(check.units_checker, says="it must be True or False")
def in_words(numerator, x, g, delta):
    return "a length"


@wrong(check.units_checker, says="it must be True or False")
def per_coordinate(numerator, x, g, delta):
    return np.isclose(numerator(3 * x + 1, 5 / 3 * g, 3 * delta), 3 * numerator(x, g, delta))


@wrong(check.units_checker, says="Compare with `np.allclose`")
def pessimist(numerator, x, g, delta):
    return False


@wrong(check.units_checker, says="must return True or False")
def ratio(numerator, x, g, delta):
    return float(np.mean(numerator(3 * x, g / 3, 3 * delta) / numerator(x, g, delta)))


@right(check.units_checker)
def several_factors(numerator, x, g, delta):
    for k, c, b in ((2.0, 3.0, 1.0), (0.1, 5.0, -7.0), (4.0, 0.3, 0.5)):
        new = numerator(k * x + b, c / k * g, k * delta)
        if np.abs(new / numerator(x, g, delta) - k).max() > 1e-6:
            return False
    return True


@right(check.units_checker)
def one_after_the_other(numerator, x, g, delta):
    old = numerator(x, g, delta)
    return (
        np.allclose(numerator(x, 7 * g, delta), old)
        and np.allclose(numerator(x + 9, g, delta), old)
        and np.allclose(numerator(7 * x, g / 7, 7 * delta), 7 * old)
    )


# 3: which would do

wrong(check.right_numerators, says="'d' is missing: the largest step is a length")({"b", "e"})
wrong(check.right_numerators, says="'e' is missing: a product of Δ and g")({"b", "d"})
wrong(check.right_numerators, says="changes with the origin")({"b", "c", "d", "e"})
wrong(check.right_numerators, says="'a' does not belong")({"a"})
wrong(check.right_numerators, says="no numerator 'z'")({"z"})
wrong(check.right_numerators, says="set of letters")(7)
wrong(check.right_numerators, says="the square of a length")({"b", "d", "e", "f"})
right(check.right_numerators)(["e", "d", "b"])
right(check.right_numerators)("bde")

# 4: ε for a first step


@wrong(check.eps_for_first_step, "steep ground")
def steep(length, slope, beta):
    return (1 - beta) * length**2


@wrong(check.eps_for_first_step, "β forgotten, steep ground")
def root_is_the_step(length, slope, beta):
    return length**2


@wrong(check.eps_for_first_step, "root of ε")
def root_of_eps(length, slope, beta):
    return length * abs(slope) * np.sqrt((1 - beta) / (slope**2 - length**2))


@wrong(check.eps_for_first_step, "wrong sign below")
def sign_lost(length, slope, beta):
    return length**2 * (1 - beta) * slope**2 / (slope**2 + length**2)


@wrong(check.eps_for_first_step, says="too small in all cases")
def halved(length, slope, beta):
    return eps_exactly(length, slope, beta) / 2


@right(check.eps_for_first_step)
def eps_exactly(length, slope, beta):
    return (1 - beta) / (1 / length**2 - 1 / slope**2)


@right(check.eps_for_first_step)
def by_bisection(length, slope, beta):
    low, high = 0.0, 1e6
    for _ in range(200):
        eps = (low + high) / 2
        step = math.sqrt(eps) / math.sqrt((1 - beta) * slope**2 + eps) * abs(slope)
        low, high = (eps, high) if step < length else (low, eps)
    return eps


# 5: who notices what

RIGHT_SETS = {
    "signed": {"f", "shift"},
    "unit_length": {"f", "shift", "rotation"},
    "relative": {"x", "f"},
    "eager": {"shift", "rotation"},
}
UNNOTICED = check.unnoticed_changes
right(UNNOTICED)({name: sorted(changes) for name, changes in RIGHT_SETS.items()})
wrong(UNNOTICED, says="`signed` does notice the change 'rotation'")(
    RIGHT_SETS | {"signed": {"f", "shift", "rotation"}}
)
wrong(UNNOTICED, says="`relative` does not notice the change 'x'")(RIGHT_SETS | {"relative": {"f"}})
wrong(UNNOTICED, says="`eager` does notice the change 'f'")(RIGHT_SETS | {"eager": {"f", "shift"}})
wrong(UNNOTICED, "the other way round")(
    {name: {"x", "f", "shift", "rotation"} - changes for name, changes in RIGHT_SETS.items()}
)
wrong(UNNOTICED, says="no change 'scale'")(RIGHT_SETS | {"eager": {"scale"}})
wrong(UNNOTICED, says="give a set")(RIGHT_SETS | {"eager": "x"})
wrong(UNNOTICED, says="a set for each of")({"signed": {"f"}})

# 6: bugs

BUGS = {"hasty": 5, "homing": 4, "stuck": 3, "adadelta_with": 1}
wrong(check.adadelta_bugs, says="In `hasty` line 4 is right")(BUGS | {"hasty": 4})
wrong(check.adadelta_bugs, says="In `homing` line 3 is right")(BUGS | {"homing": 3})
wrong(check.adadelta_bugs, says="In `stuck` line 4 is right")(BUGS | {"stuck": 4})
wrong(check.adadelta_bugs, says="it only says which `s` and `d`")(BUGS | {"adadelta_with": 2})
right(check.adadelta_bugs)({name: np.int64(line) for name, line in BUGS.items()})
