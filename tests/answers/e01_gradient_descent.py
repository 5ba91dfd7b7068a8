"""Answers to exercise 01, gradient descent."""

import math
import sys
from itertools import accumulate, count, islice, repeat

import numpy as np

from answers.bank import right, wrong
from course_lib import landscapes, optimizers
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.gradient_descent, "wrong sign")
def climbs(grad, x, lr=0.1):
    while True:
        x = x + lr * grad(x)
        yield x


@wrong(check.gradient_descent, "wrong sign")
def double_negative(grad, x, lr=0.1):
    while True:
        step = -lr * grad(x)
        x = x - step
        yield x


@wrong(check.gradient_descent, "learning rate forgotten")
def no_learning_rate(grad, x, lr=0.1):
    while True:
        x = x - grad(x)
        yield x


@wrong(check.gradient_descent, "learning rate twice")
def learning_rate_twice(grad, x, lr=0.1):
    while True:
        step = lr * grad(x)
        x = x - lr * step
        yield x


@wrong(check.gradient_descent, "divided by the learning rate")
def divides(grad, x, lr=0.1):
    while True:
        x = x - grad(x) / lr
        yield x


@wrong(check.gradient_descent, "learning rate fixed")
def own_learning_rate(grad, x, lr=0.1):
    lr = 0.1
    while True:
        x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, "learning rate decays")
def schedule(grad, x, lr=0.1):
    for t in count():
        x = x - lr / (t + 1) * grad(x)
        yield x


@wrong(check.gradient_descent, "gradient one step late")
def slope_one_late(grad, x, lr=0.1):
    slope = grad(x)
    while True:
        new = x - lr * slope
        slope = grad(x)
        x = new
        yield x


@wrong(check.gradient_descent, "start first")
def start_too(grad, x, lr=0.1):
    yield x
    while True:
        x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, "never leaves the start")
def forgets_the_step(grad, x, lr=0.1):
    while True:
        new = x - lr * grad(x)
        yield new


@wrong(check.gradient_descent, "gradient normalised")
def unit_steps(grad, x, lr=0.1):
    while True:
        g = np.asarray(grad(x))
        x = x - lr * g / math.sqrt((g**2).sum())
        yield x


@wrong(check.gradient_descent, "sign of the gradient")
def signs(grad, x, lr=0.1):
    while True:
        x = x - lr * np.sign(grad(x))
        yield x


@wrong(check.gradient_descent, "sum of the gradient")
def adds_up(grad, x, lr=0.1):
    while True:
        x = x - lr * sum(grad(x))
        yield x


@wrong(check.gradient_descent, "first coordinate only")
def first_only(grad, x, lr=0.1):
    while True:
        x = x.copy()
        x[0] = x[0] - lr * grad(x)[0]
        yield x


@wrong(check.gradient_descent, "one coordinate after the other")
def by_coordinate(grad, x, lr=0.1):
    x = x.copy()
    while True:
        for i in range(len(x)):
            x[i] -= lr * grad(x)[i]
        yield x.copy()


@wrong(check.gradient_descent, "step in place of position")
def step_is_the_point(grad, x, lr=0.1):
    while True:
        x = -lr * grad(x)
        yield x


@wrong(check.gradient_descent, "yields the step")
def yields_the_step(grad, x, lr=0.1):
    while True:
        step = -lr * grad(x)
        x = x + step
        yield step


@wrong(check.gradient_descent, "position in place of gradient")
def no_gradient(grad, x, lr=0.1):
    while True:
        x = x - lr * x
        yield x


@wrong(check.gradient_descent, "two steps at once")
def every_second(grad, x, lr=0.1):
    while True:
        for _ in range(2):
            x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, says="Already the first step leads elsewhere")
def half_steps(grad, x, lr=0.1):
    while True:
        x = x - lr / 2 * grad(x)
        yield x


@wrong(check.gradient_descent, says="Up to step 5 your path is right, from step 6 on")
def tires(grad, x, lr=0.1):
    for t in count(1):
        x = x - (lr if t < 6 else lr / 10) * grad(x)
        yield x


@wrong(check.gradient_descent, says="nan or inf")
def not_a_number(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x) / 0.0
        yield x


@wrong(check.gradient_descent, says="elsewhere")
def stored_numbers(grad, x, lr=0.1):
    def known(x):
        return 2 * x

    return optimizers.gradient_descent(known, np.ones(len(x)), 0.2)


# 1: what is no rule at all


@wrong(check.gradient_descent, says="in place")
def in_place(grad, x, lr=0.1):
    while True:
        x -= lr * grad(x)
        yield x


@wrong(check.gradient_descent, says="in place")
def in_place_by_index(grad, x, lr=0.1):
    while True:
        g = grad(x)
        for i in range(len(x)):
            x[i] = x[i] - lr * g[i]
        yield x.copy()


@wrong(check.gradient_descent, says="returns all points at once")
def returns_a_list(grad, x, lr=0.1):
    path = []
    for _ in range(100):
        x = x - lr * grad(x)
        path.append(x)
    return path


@wrong(check.gradient_descent, says="returns all points at once")
def returns_an_array(grad, x, lr=0.1):
    return np.array(returns_a_list(grad, x, lr))


@wrong(check.gradient_descent, says="returns one point")
def returns_the_last(grad, x, lr=0.1):
    for _ in range(100):
        x = x - lr * grad(x)
    return x


@wrong(check.gradient_descent, says="yields a list of points each time")
def yields_the_path(grad, x, lr=0.1):
    path = []
    while True:
        x = x - lr * grad(x)
        path.append(x)
        yield path


@wrong(check.gradient_descent, says="ends after point number 1;")
def once(grad, x, lr=0.1):
    x = x - lr * grad(x)
    yield x


@wrong(check.gradient_descent, says="ends after point number 1000;")
def a_thousand(grad, x, lr=0.1):
    for _ in range(1000):
        x = x - lr * grad(x)
        yield x


@wrong(check.gradient_descent, says="ends before the first point")
def never(grad, x, lr=0.1):
    while np.linalg.norm(grad(x)) < 1e-12:
        yield x


@wrong(check.gradient_descent, says="hands out nothing")
def prints(grad, x, lr=0.1):
    for _ in range(100):
        x = x - lr * grad(x)


@wrong(check.gradient_descent, says="runs on for ever without handing out")
def yield_outside_the_loop(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)
    yield x


@wrong(check.gradient_descent, says="runs on for ever without handing out")
def no_yield(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)


@wrong(check.gradient_descent, says="yielded nothing (None)")
def bare_yield(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)
        yield


@wrong(check.gradient_descent, says="yielded a single number; it must be 2 numbers")
def yields_one_coordinate(grad, x, lr=0.1):
    while True:
        x = x - lr * grad(x)
        yield x[0]


@wrong(check.gradient_descent, says="yielded a tuple; it must be")
def yields_a_pair(grad, x, lr=0.1):
    for t in count(1):
        x = x - lr * grad(x)
        yield t, x


@wrong(check.gradient_descent, says="`x = x - lr * grad` raised TypeError: unsupported operand")
def gradient_not_called(grad, x, lr=0.1):
    while True:
        x = x - lr * grad
        yield x


@wrong(check.gradient_descent, says="`x = x - lr * grad()` raised TypeError")
def gradient_of_nothing(grad, x, lr=0.1):
    while True:
        x = x - lr * grad()
        yield x


@wrong(check.gradient_descent, says="`exit_kernel()` raised SystemExit")
def leaves(grad, x, lr=0.1):
    exit_kernel = sys.exit
    exit_kernel()
    yield x


@wrong(check.gradient_descent, says="unexpected keyword argument 'lr'")
def other_arguments(grad, x, eta=0.1):
    while True:
        x = x - eta * grad(x)
        yield x


# 1: right rules in other styles


@right(check.gradient_descent)
def counted(grad, x, lr=0.1):
    for _ in count():
        x = x - grad(x) * lr
        yield x


@right(check.gradient_descent)
def in_place_on_a_copy(grad, x, lr=0.1):
    x = x.copy()
    while True:
        x -= lr * grad(x)
        yield x


@right(check.gradient_descent)
def lists(grad, x, lr=0.1):
    x = list(x)
    while True:
        x = [a - lr * b for a, b in zip(x, grad(np.array(x)), strict=True)]
        yield x


@right(check.gradient_descent)
def tuples(grad, x, lr=0.1):
    while True:
        x = tuple(a - lr * b for a, b in zip(x, grad(x), strict=True))
        yield x


@right(check.gradient_descent)
def positional(gradient, start, lr):
    point = np.array(start)
    while True:
        point = np.add(point, np.multiply(-lr, gradient(point)))
        yield point.copy()


@right(check.gradient_descent)
def with_accumulate(grad, x, lr=0.1):
    points = accumulate(repeat(None), lambda p, _: p - lr * grad(p), initial=x)
    return islice(points, 1, None)


@right(check.gradient_descent)
class AnIterator:
    def __init__(self, grad, x, lr=0.1):
        self.grad, self.x, self.lr = grad, x, lr

    def __iter__(self):
        return self

    def __next__(self):
        self.x = self.x - self.lr * self.grad(self.x)
        return self.x


# 2: steps to halve


@wrong(check.steps_to_halve, "no absolute value")
def no_absolute_value(lr, curvature):
    return np.ceil(np.log(0.5) / np.log(1 - lr * curvature))


@wrong(check.steps_to_halve, "no absolute value")
def no_absolute_value_and_int(lr, curvature):
    return int(np.ceil(np.log(0.5) / np.log(1 - lr * curvature)))


@wrong(check.steps_to_halve, "no absolute value")
def no_absolute_value_with_math(lr, curvature):
    return math.ceil(math.log(0.5) / math.log(1 - lr * curvature))


@wrong(check.steps_to_halve, "not a whole number")
def fraction(lr, curvature):
    return math.log(0.5, abs(1 - lr * curvature))


@wrong(check.steps_to_halve, "rounded down")
def cut_off(lr, curvature):
    return int(math.log(0.5, abs(1 - lr * curvature)))


@wrong(check.steps_to_halve, "rounded to the nearest")
def nearest(lr, curvature):
    return round(math.log(0.5, abs(1 - lr * curvature)))


@wrong(check.steps_to_halve, "one step too many")
def counts_the_start(lr, curvature):
    x, points = 1.0, 1
    while abs(x) > 0.5:
        x, points = x - lr * curvature * x, points + 1
    return points


@wrong(check.steps_to_halve, "value in place of error")
def halves_f(lr, curvature):
    return math.ceil(math.log(0.5) / (2 * math.log(abs(1 - lr * curvature))))


@wrong(check.steps_to_halve, "to 1/e in place of one half")
def time_constant(lr, curvature):
    return math.ceil(1 / -math.log(abs(1 - lr * curvature)))


@wrong(check.steps_to_halve, "small steps only")
def continuous(lr, curvature):
    return math.ceil(math.log(2) / (lr * curvature))


@wrong(check.steps_to_halve, "curvature forgotten")
def no_curvature(lr, curvature):
    return math.ceil(math.log(0.5) / math.log(abs(1 - lr)))


@wrong(check.steps_to_halve, says="must be one number")
def both(lr, curvature):
    return [lr, curvature]


@wrong(check.steps_to_halve, says="differs from the right one")
def always_seven(lr, curvature):
    return 7


@right(check.steps_to_halve)
def other_base(lr, curvature):
    return math.ceil(-1 / math.log2(abs(1 - lr * curvature)))


@right(check.steps_to_halve)
def by_trial(lr, curvature):
    return next(t for t in count(1) if abs(1 - lr * curvature) ** t <= 0.5)


@right(check.steps_to_halve)
def as_float(lr, curvature):
    return np.ceil(np.log(2) / -np.log(np.abs(1 - lr * curvature)))


# 3: the largest stable learning rate

H = np.array([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]])
MU, MIDDLE, L = np.linalg.eigvalsh(H)


for rate, mistake in {
    1 / L: "1/L",
    2 / MU: "2/μ",
    1 / MU: "1/μ",
    2 / MIDDLE: "limit of the middle curvature",
    2 / (L + MU): "2/(L + μ)",
    2 / (L - MU): "2/(L − μ)",
    2 / 9: "2/trace",
    2 / 18: "2/determinant",
    2 / 4: "2/largest diagonal entry",
    2 / 5: "2/largest row sum",
    2 / np.linalg.norm(H): "2/norm of H",
    L: "L",
    MU: "μ",
    L / 2: "L/2",
    1 / (2 * L): "1/(2L)",
}.items():
    wrong(check.largest_stable_lr, mistake)(rate)
for rate, words in {
    0.45: "diverges",
    0.3: "stable, but a larger one is as well",
    0.42: "more digits",
    0: "larger than 0",
    -2 / L: "larger than 0",
    math.nan: "larger than 0",
}.items():
    wrong(check.largest_stable_lr, says=words)(rate)
for no_number in ("a lot", [0.4, 0.5], 2 / np.linalg.eigvalsh(H), {}):
    wrong(check.largest_stable_lr, says="it must be one number")(no_number)
for rate in (2 / L, 0.423, 0.42265, np.float32(2 / L), np.array(2 / L)):
    right(check.largest_stable_lr)(rate)


# 4: central differences


@wrong(check.numerical_gradient, "forward difference")
def forward(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x)) / h for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "2 forgotten")
def without_two(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / h for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "brackets forgotten")
def without_brackets(f, x, h=1e-5):
    return np.array([(f(x + h * e) - f(x - h * e)) / 2 * h for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "not divided")
def undivided(f, x, h=1e-5):
    return np.array([f(x + h * e) - f(x - h * e) for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "wrong sign")
def upside_down(f, x, h=1e-5):
    return np.array([(f(x - h * e) - f(x + h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "h ignored")
def own_h(f, x, h=1e-5):
    h = 1e-5
    return np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))])


@wrong(check.numerical_gradient, "all coordinates at once")
def all_at_once(f, x, h=1e-5):
    return np.array([(f(x + h) - f(x - h)) / (2 * h)] * len(x))


@wrong(check.numerical_gradient, says="must be 2 numbers, an array of shape (2,)")
def one_number(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


@wrong(check.numerical_gradient, "nudges pile up")
def piles_up(f, x, h=1e-5):
    x, g = x.copy(), np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        below = f(x)
        g[i] = (above - below) / (2 * h)
    return g


@wrong(check.numerical_gradient, says="Change a copy")
def changes_x(f, x, h=1e-5):
    g = np.zeros(len(x))
    for i in range(len(x)):
        x[i] += h
        above = f(x)
        x[i] -= 2 * h
        g[i] = (above - f(x)) / (2 * h)
    return g


@wrong(check.numerical_gradient, "first coordinate only")
def first_entry(f, x, h=1e-5):
    g = np.zeros(len(x))
    for i in range(len(x)):
        step = h * np.eye(len(x))[i]
        g[i] = (f(x + step) - f(x - step)) / (2 * h)
        break
    return g


@wrong(check.numerical_gradient, says="returns nothing so far")
def no_return(f, x, h=1e-5):
    [(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(len(x))]


@right(check.numerical_gradient)
def list_of_floats(f, x, h=1e-5):
    return [float(f(x + h * e) - f(x - h * e)) / 2 / h for e in np.eye(len(x))]


@right(check.numerical_gradient)
def at_once(f, x, h=1e-5):
    nudges = h * np.eye(len(x))
    return (f(x + nudges) - f(x - nudges)) / (2 * h)


@right(check.numerical_gradient)
def restores_x(f, x, h=1e-5):
    g = np.empty_like(x)
    for i, kept in enumerate(x):
        x[i] = kept + h
        above = f(x)
        x[i] = kept - h
        g[i] = (above - f(x)) / (2 * h)
        x[i] = kept
    return g


# 5 and 6: the wrong gradient


def himmelblau_grad(p):
    """The one that exercise 01 has to find."""
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 2 * y * b])


for culprit in ("himmelblau", "Himmelblau", "himmelblau_grad", himmelblau_grad):
    right(check.wrong_gradient)(culprit)
for innocent, mistake in {
    "beale": "beale",
    "rosenbrock": "rosenbrock",
    "Beale_grad": "beale",
}.items():
    wrong(check.wrong_gradient, mistake)(innocent)
for nobody in ("booth", 2, ""):
    wrong(check.wrong_gradient, says="one of 'beale', ")(nobody)


wrong(check.corrected_gradient, "unchanged")(himmelblau_grad)


@wrong(check.corrected_gradient, "inner derivative forgotten")
def no_inner_derivative(p):
    x, y = p
    a, b = x**2 + y - 11, x + y**2 - 7
    return np.array([4 * x * a + 2 * b, 2 * a + 2 * b])


@wrong(check.corrected_gradient, "Rosenbrock's gradient")
def of_another(p):
    return landscapes.rosenbrock.grad(p)


@wrong(check.corrected_gradient, "wrong entry alone doubled")
def doubled(p):
    dx, dy = himmelblau_grad(p)
    return dx, 2 * dy


@wrong(check.corrected_gradient, "wrong sign")
def downhill(p):
    return -landscapes.himmelblau.grad(p)


@right(check.corrected_gradient)
def multiplied_out(p):
    x, y = p
    return (
        4 * x**3 + 4 * x * y - 42 * x + 2 * y**2 - 14,
        4 * y**3 + 4 * x * y - 26 * y + 2 * x**2 - 22,
    )


@right(check.corrected_gradient)
def broadcasting(p):
    return landscapes.himmelblau.grad(p)
