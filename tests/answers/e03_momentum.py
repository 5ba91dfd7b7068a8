"""Answers to exercise 03, momentum."""

import math
from itertools import accumulate, count, repeat

import numpy as np

from answers.bank import right, wrong
from course_lib import bowl, optimizers, theory
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.momentum, "nothing remembered")
def no_memory(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = -lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "nothing remembered")
def velocity_in_the_loop(grad, x, lr=0.01, beta=0.9):
    while True:
        v = np.zeros_like(x)
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "nothing remembered")
def velocity_under_another_name(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        new_v = beta * v - lr * grad(x)
        x = x + new_v
        yield x


@wrong(check.momentum, "β forgotten")
def no_drag(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v -= lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "wrong sign")
def plus(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = beta * v + lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "wrong sign")
def two_minuses(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = beta * v - lr * grad(x)
        x = x - v
        yield x


@wrong(check.momentum, "wrong sign")
def unrolled_with_plus(grad, x, lr=0.01, beta=0.9):
    past = []
    while True:
        past.append(np.array(grad(x)))
        x = x + lr * sum(beta**age * g for age, g in enumerate(reversed(past)))
        yield x


@wrong(check.momentum, "velocity turned round")
def minus_beta(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = -beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "velocity turned round")
def minus_around_all(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = -(beta * v + lr * grad(x))
        x = x + v
        yield x


@wrong(check.momentum, "learning rate forgotten")
def no_learning_rate(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = beta * v - grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "learning rate twice")
def learning_rate_in_both(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = beta * v + lr * grad(x)
        x = x - lr * v
        yield x


@wrong(check.momentum, "learning rate on all of the velocity")
def learning_rate_around_all(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = lr * (beta * v - grad(x))
        x = x + v
        yield x


@wrong(check.momentum, "averaging form")
def averages(grad, x, lr=0.01, beta=0.9):
    m = 0
    while True:
        m = beta * m + (1 - beta) * grad(x)
        x = x - lr * m
        yield x


@wrong(check.momentum, "β and 1 − β exchanged")
def keeps_the_rest(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = (1 - beta) * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "averaging form, β and 1 − β exchanged")
def averages_the_wrong_way(grad, x, lr=0.01, beta=0.9):
    m = 0
    while True:
        m = (1 - beta) * m + beta * grad(x)
        x = x - lr * m
        yield x


@wrong(check.momentum, "β on the gradient, too")
def beta_around_all(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = beta * (v - lr * grad(x))
        x = x + v
        yield x


@wrong(check.momentum, "β on the gradient, too")
def beta_in_the_step(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = beta * v - lr * grad(x)
        x = x + beta * v
        yield x


@wrong(check.momentum, "β on the gradient only")
def beta_at_the_gradient(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        v = v - beta * lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "η and β exchanged")
def names_exchanged(grad, x, beta=0.9, lr=0.01):
    v = 0
    while True:
        v = lr * v - beta * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "gradient step added again")
def moves_twice(grad, x, lr=0.01, beta=0.9):
    v = 0
    while True:
        g = grad(x)
        v = beta * v - lr * g
        x = x + v - lr * g
        yield x


@wrong(check.momentum, "velocity begins as a gradient step")
def begins_with_a_step(grad, x, lr=0.01, beta=0.9):
    v = -lr * grad(x)
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "velocity begins as the gradient")
def begins_with_the_gradient(grad, x, lr=0.01, beta=0.9):
    v = grad(x)
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "velocity begins at one")
def begins_with_ones(grad, x, lr=0.01, beta=0.9):
    v = np.ones(x.shape)
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "velocity begins as x")
def begins_with_x(grad, x, lr=0.01, beta=0.9):
    v = x.copy()
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "moves before the velocity is new")
def start_too(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        yield x
        v = beta * v - lr * grad(x)
        x = x + v


@wrong(check.momentum, "moves by the old velocity")
def in_one_line(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v, x = beta * v - lr * grad(x), x + v
        yield x


@wrong(check.momentum, "gradient taken once")
def slope_of_the_start(grad, x, lr=0.01, beta=0.9):
    g, v = grad(x), 0
    while True:
        v = beta * v - lr * g
        x = x + v
        yield x


@wrong(check.momentum, "gradient one step late")
def slope_one_late(grad, x, lr=0.01, beta=0.9):
    g, v = grad(x), 0
    while True:
        v = beta * v - lr * g
        g = grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "shifted Nesterov")
def as_torch_with_nesterov(grad, x, lr=0.01, beta=0.9):
    buffer = np.zeros_like(x)
    while True:
        g = grad(x)
        buffer = beta * buffer + g
        x = x - lr * (g + beta * buffer)
        yield x


@wrong(check.momentum, "β wears off")
def beta_to_the_t(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    for t in count(1):
        v = beta**t * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "β fixed")
def own_beta(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = 0.9 * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "learning rate fixed")
def own_learning_rate(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - 0.01 * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, "two steps at once")
def every_second(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        for _ in range(2):
            v = beta * v - lr * grad(x)
            x = x + v
        yield x


@wrong(check.momentum, says="Already the first step leads elsewhere")
def half_steps(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x) / 2
        x = x + v
        yield x


@wrong(check.momentum, says="Up to step 1 your path is right, from step 2 on")
def square_of_beta(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta**2 * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, says="in place")
def start_in_place(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x)
        x += v
        yield x


@wrong(check.momentum, says="raised UnboundLocalError")
def no_velocity_yet(grad, x, lr=0.01, beta=0.9):
    while True:
        v = beta * v - lr * grad(x)  # noqa: F821
        x = x + v
        yield x


@wrong(check.momentum, says="unexpected keyword argument 'beta'")
def without_beta(grad, x, lr=0.01):
    return optimizers.momentum(grad, x, lr)


# 1: runs that share a velocity


@wrong(check.momentum, says="disturb each other")
def in_a_default_argument(grad, x, lr=0.01, beta=0.9, state={"v": 0.0}):  # noqa: B006
    while True:
        state["v"] = beta * state["v"] - lr * grad(x)
        x = x + state["v"]
        yield x


class AtTheClass:
    v = 0.0


@wrong(check.momentum, says="disturb each other")
def at_a_class(grad, x, lr=0.01, beta=0.9):
    AtTheClass.v = 0.0  # right for one run after the other, but not for two that take turns
    while True:
        AtTheClass.v = beta * AtTheClass.v - lr * grad(x)
        x = x + AtTheClass.v
        yield x


# 1: right rules in other styles


@right(check.momentum)
def number_for_a_velocity(grad, x, lr=0.01, beta=0.9):
    v = 0
    for _ in count():
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@right(check.momentum)
def all_in_place_on_copies(grad, x, lr=0.01, beta=0.9):
    x, v = x.copy(), np.zeros(len(x))
    while True:
        v *= beta
        v -= lr * grad(x)
        x += v
        yield x


@right(check.momentum)
def as_torch(grad, x, lr=0.01, beta=0.9):
    """The learning rate outside of the buffer: the same path while it is constant."""
    buffer = None
    while True:
        g = grad(x)
        buffer = g if buffer is None else beta * buffer + g
        x = x - lr * buffer
        yield x


@right(check.momentum)
def with_two_points(grad, x, lr=0.01, beta=0.9):
    """Polyak's own form, without a velocity."""
    before = x
    while True:
        x, before = x - lr * grad(x) + beta * (x - before), x
        yield x


@right(check.momentum)
def averages_rescaled(grad, x, lr=0.01, beta=0.9):
    m = 0
    while True:
        m = beta * m + (1 - beta) * grad(x)
        x = x - lr / (1 - beta) * m
        yield x


@right(check.momentum)
def unrolled(grad, x, lr=0.01, beta=0.9):
    total = np.zeros_like(x)
    while True:
        total = total * beta + grad(x)
        x = np.array([a - lr * b for a, b in zip(x, total, strict=True)])
        yield x


@right(check.momentum)
def tuples(grad, x, lr=0.01, beta=0.9):
    v = (0.0,) * len(x)
    while True:
        v = tuple(beta * a - lr * b for a, b in zip(v, grad(np.array(x)), strict=True))
        x = tuple(a + b for a, b in zip(x, v, strict=True))
        yield x


@right(check.momentum)
def pairs(grad, x, lr=0.01, beta=0.9):
    def step(state, _):
        v = beta * state[1] - lr * grad(state[0])
        return state[0] + v, v

    states = accumulate(repeat(None), step, initial=(x, 0.0))
    next(states)
    return (point for point, _ in states)


@right(check.momentum)
class AnIterator:
    def __init__(self, grad, x, lr=0.01, beta=0.9):
        self.grad, self.x, self.lr, self.beta = grad, x, lr, beta
        self.v = np.zeros_like(x)

    def __iter__(self):
        return self

    def __next__(self):
        self.v = self.beta * self.v - self.lr * self.grad(self.x)
        self.x = self.x + self.v
        return self.x


# 2: the stability limit


@wrong(check.momentum_limit, "gradient descent's")
def no_beta(beta, curvature):
    return 2 / curvature


@wrong(check.momentum_limit, "2(1 − β)/λ")
def by_terminal_velocity(beta, curvature):
    return 2 * (1 - beta) / curvature


@wrong(check.momentum_limit, "2/(λ(1 − β))")
def by_terminal_velocity_upside_down(beta, curvature):
    return 2 / (curvature * (1 - beta))


@wrong(check.momentum_limit, "where the ripples end")
def end_of_the_ripples(beta, curvature):
    return (1 + math.sqrt(beta)) ** 2 / curvature


@wrong(check.momentum_limit, "where the ripples begin")
def beginning_of_the_ripples(beta, curvature):
    return (1 - math.sqrt(beta)) ** 2 / curvature


@wrong(check.momentum_limit, "Nesterov's")
def of_nesterov(beta, curvature):
    return 2 * (1 + beta) / (1 + 2 * beta) / curvature


@wrong(check.momentum_limit, "2 forgotten")
def half(beta, curvature):
    return (1 + beta) / curvature


@wrong(check.momentum_limit, "λ forgotten")
def of_the_product(beta, curvature):
    return 2 + 2 * beta


@wrong(check.momentum_limit, "arguments exchanged")
def arguments_exchanged(curvature, beta):
    return 2 * (1 + beta) / curvature


@wrong(check.momentum_limit, says="Too large")
def three_times_too_much(beta, curvature):
    return 6 * (1 + beta) / curvature


@wrong(check.momentum_limit, says="a larger one is as well")
def a_little_too_little(beta, curvature):
    return 1.9 * (1 + beta) / curvature


@wrong(check.momentum_limit, says="more digits")
def by_a_coarse_search(beta, curvature):
    return float(f"{2 * (1 + beta) / curvature * 1.004:.3g}")


@wrong(check.momentum_limit, says="in another way")
def unknown_formula(beta, curvature):
    return 3 / curvature


@wrong(check.momentum_limit, says="larger than 0")
def negative(beta, curvature):
    return -2 * (1 + beta) / curvature


@wrong(check.momentum_limit, says="returns nothing so far")
def prints(beta, curvature):
    2 * (1 + beta) / curvature


@right(check.momentum_limit)
def sums(beta, curvature):
    return 2 / curvature + 2 * beta / curvature


@right(check.momentum_limit)
def by_bisection(beta, curvature):
    low, high = 0.0, 5 / curvature
    for _ in range(40):
        middle = (low + high) / 2
        step = middle * curvature
        sizes = np.abs(np.linalg.eigvals([[1 - step, beta], [-step, beta]]))
        low, high = (middle, high) if max(sizes) < 1 else (low, middle)
    return low


@right(check.momentum_limit)
def single_precision(beta, curvature):
    return np.float32(2 * (1 + beta) / curvature)


# 3: the averaging form


@wrong(check.averaging_lr, "η(1 − β)")
def the_way_back(lr, beta):
    return lr * (1 - beta)


@wrong(check.averaging_lr, "the same")
def unchanged(lr, beta):
    return lr


@wrong(check.averaging_lr, "η/β")
def by_beta(lr, beta):
    return lr / beta


@wrong(check.averaging_lr, "η/(1 + β)")
def by_one_plus_beta(lr, beta):
    return lr / (1 + beta)


@wrong(check.averaging_lr, "1/(1 − β)")
def only_the_factor(lr, beta):
    return 1 / (1 - beta)


@wrong(check.averaging_lr, "arguments exchanged")
def beta_first(beta, lr):
    return lr / (1 - beta)


@wrong(check.averaging_lr, "wrong sign")
def minus_alpha(lr, beta):
    return lr / (beta - 1)


@right(check.averaging_lr)
def as_a_series(lr, beta):
    return lr * sum(beta**t for t in range(2000))


@right(check.averaging_lr)
def in_an_array(lr, beta):
    return np.array(lr) / np.array(1 - beta)


# 4: settings that reach the target

BEST = theory.best_settings("momentum", *bowl(condition=200, steepest=8).curvatures)
LR, BETA = BEST.values()

wrong(check.fast_settings, "gradient descent's best")((0.2488, 0.0))
wrong(check.fast_settings, "gradient descent's best η")((0.2488, BETA))
wrong(check.fast_settings, "β not squared")((LR, 0.868))
wrong(check.fast_settings, "η not squared")((0.66, 0.753))
wrong(check.fast_settings, "neither squared")((0.66, 0.868))
wrong(check.fast_settings, "κ in place of √κ")((LR, 0.98))
wrong(check.fast_settings, "curvatures without the 2")((2 * LR, BETA))
wrong(check.fast_settings, "1/L")((1 / 8, BETA))
wrong(check.fast_settings, "η at the limit")((2 * (1 + BETA) / 8, BETA))
wrong(check.fast_settings, says="It diverges")((0.5, 0.9))
wrong(check.fast_settings, says="along the floor creeps")((0.1, 0.6))
wrong(check.fast_settings, says="above the limit of the steepest direction")((0.4375, 0.75))
wrong(check.fast_settings, says="changes sign at every step")((0.3499, 0.4))
wrong(check.fast_settings, says="longer than this valley needs")((0.3, 0.95))
wrong(check.fast_settings, says="Did η and β change places?")((0.9, 1.5))
wrong(check.fast_settings, says="must be a number larger than 0")((-0.1, 0.9))
wrong(check.fast_settings, says="must be a number larger than 0")((math.inf, 0.9))
wrong(check.fast_settings, says="must be 2 numbers")((0.1,))
wrong(check.fast_settings, says="must be 2 numbers")(0.4)
wrong(check.fast_settings, says="Give a number for `lr`")((None, 0.9))
right(check.fast_settings)((LR, BETA))
right(check.fast_settings)((0.436, 0.753))
right(check.fast_settings)([0.42, 0.75])
right(check.fast_settings)(np.array([0.4, 0.78]))
right(check.fast_settings)(BEST)

# 5: three bugs

wrong(check.momentum_bugs, says="In `unrolled` line 3 is right: the newest")(
    {"unrolled": 3, "remembering": 1, "shrinkage": 3}
)
wrong(check.momentum_bugs, says="In `remembering` line 2 is right")(
    {"unrolled": 4, "remembering": 2, "shrinkage": 2}
)
wrong(check.momentum_bugs, says="In `shrinkage` line 2 is right")(
    {"unrolled": 4, "remembering": 1, "shrinkage": 2}
)
wrong(check.momentum_bugs, says="`shrinkage` has no line 7")(
    {"unrolled": 4, "remembering": 1, "shrinkage": 7}
)
wrong(check.momentum_bugs, says="Give the number of a line for each")(
    {"unrolled": 4, "remembering": None, "shrinkage": None}
)
wrong(check.momentum_bugs, says="a line for each of 'unrolled', 'remembering', 'shrinkage'")(
    [4, 1, 3]
)
wrong(check.momentum_bugs, says="must be 3 numbers")(
    {"unrolled": "the sign", "remembering": 1, "shrinkage": 3}
)
right(check.momentum_bugs)({"shrinkage": 3.0, "unrolled": "4", "remembering": np.int64(1)})

# 6: put one right

memory = {"v": 0.0}


@wrong(check.mended_momentum, says="disturb each other")
def not_repaired(grad, x, lr=0.1, beta=0.9):
    while True:
        memory["v"] = beta * memory["v"] - lr * grad(x)
        x = x + memory["v"]
        yield x


@wrong(check.mended_momentum, says="disturb each other")
def cleared_at_the_start(grad, x, lr=0.1, beta=0.9):
    memory["v"] = 0.0
    return not_repaired(grad, x, lr, beta)


@wrong(check.mended_momentum, "velocity made in the loop")
def cleared_in_the_loop(grad, x, lr=0.1, beta=0.9):
    while True:
        own = {"v": 0.0}
        own["v"] = beta * own["v"] - lr * grad(x)
        x = x + own["v"]
        yield x


@wrong(check.mended_momentum, "wrong sign")
def repaired_and_broken(grad, x, lr=0.1, beta=0.9):
    v = 0.0
    while True:
        v = beta * v + lr * grad(x)
        x = x + v
        yield x


@right(check.mended_momentum)
def memory_of_each_run(grad, x, lr=0.1, beta=0.9):
    own = {"v": 0.0}
    while True:
        own["v"] = beta * own["v"] - lr * grad(x)
        x = x + own["v"]
        yield x


right(check.mended_momentum)(all_in_place_on_copies)
right(check.mended_momentum)(AnIterator)


@wrong(check.momentum, says="`np.zeros_like(x)`")
def of_two_coordinates(grad, x, lr=0.01, beta=0.9):
    v = np.zeros(2)
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield x


@wrong(check.momentum, says="Give it its first value before the loop")
def velocity_from_nowhere(grad, x, lr=0.01, beta=0.9):
    while True:
        v = beta * v - lr * grad(x)  # noqa: F821
        x = x + v
        yield x


@wrong(check.momentum, says="yields several arrays")
def yields_its_state(grad, x, lr=0.01, beta=0.9):
    v = np.zeros_like(x)
    while True:
        v = beta * v - lr * grad(x)
        x = x + v
        yield x, v


@wrong(check.averaging_lr, "brackets forgotten")
def no_brackets(lr, beta):
    return lr / 1 - beta


@wrong(check.averaging_lr, "upside down")
def upside_down(lr, beta):
    return (1 - beta) / lr
