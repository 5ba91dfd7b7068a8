"""Answers to exercise 05, AdaGrad."""

import math
from itertools import accumulate, count

import numpy as np

from answers.bank import right, wrong
from course_lib import optimizers
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.adagrad, "ε added to the factor")
def epsilon_beside_the_fraction(grad, x, lr=0.01, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = s + g**2
        x = x - (lr / np.sqrt(s) + eps) * g
        yield x


@wrong(check.adagrad, "power before half")
def half_of_it(grad, x, lr=0.01, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = s + g**2
        x = x - lr * g / (s**1 / 2 + eps)
        yield x


@wrong(check.adagrad, "learning rate overwritten")
def step_size_kept(grad, x, lr=0.01, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = s + g**2
        lr = lr / (np.sqrt(s) + eps)
        x = x - lr * g
        yield x


@wrong(check.adagrad, "sum lost")
def sum_in_the_loop(grad, x, lr=0.01, eps=1e-10):
    while True:
        s = np.zeros_like(x)
        g = grad(x)
        s += g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.adagrad, "s updated after its use")
def moves_before_it_adds(grad, x, lr=0.01, eps=1e-10):
    s = 0.0
    while True:
        g = grad(x)
        x = x - lr / (s**0.5 + eps) * g
        s = s + g * g
        yield x


@wrong(check.adagrad, "ε inside the root")
def begins_at_eps(grad, x, lr=0.01, eps=1e-10):
    s = np.full_like(x, eps)
    while True:
        g = grad(x)
        s = s + g**2
        x = x - lr * g / np.sqrt(s)
        yield x


@wrong(check.adagrad, "ε taken from the point")
def as_in_a_known_book(grad, x, lr=0.01, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = s + np.square(g)
        x = x - (lr * g / np.sqrt(s) + eps)
        yield x


@wrong(check.adagrad, "one sum for all")
def dot_product(grad, x, lr=0.01, eps=1e-10):
    s = 0
    while True:
        g = grad(x)
        s = s + g @ g
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.adagrad, "mean in place of sum")
def mean_square(grad, x, lr=0.01, eps=1e-10):
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        s = s + g**2
        x = x - lr * g / (np.sqrt(s / t) + eps)
        yield x


@wrong(check.adagrad, "gradient taken once")
def one_gradient(grad, x, lr=0.01, eps=1e-10):
    s, g = np.zeros_like(x), grad(x)
    while True:
        s = s + g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.adagrad, says="disturb each other")
def shared_sum(grad, x, lr=0.01, eps=1e-10, past={"s": 0.0}):  # noqa: B006
    while True:
        g = grad(x)
        past["s"] = past["s"] + g**2
        x = x - lr * g / (np.sqrt(past["s"]) + eps)
        yield x


@wrong(check.adagrad, says="changes the start in place")
def in_place(grad, x, lr=0.01, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s += g**2
        x -= lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.adagrad, says="Up to step 1 your path is right, from step 2 on")
def forgets_a_bit(grad, x, lr=0.01, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = 0.9 * s + g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


# 1: right rules in other styles


@right(check.adagrad)
def in_place_on_copies(grad, x, lr=0.01, eps=1e-10):
    x, s = np.array(x, float), np.zeros(len(x))
    while True:
        g = np.asarray(grad(x))
        s += g * g
        x -= lr * g / (s**0.5 + eps)
        yield x


@right(check.adagrad)
def lists(grad, x, lr=0.01, eps=1e-10):
    x, s = list(x), [0.0] * len(x)
    while True:
        for i, g in enumerate(grad(x)):
            s[i] += g * g
            x[i] -= lr * g / (math.sqrt(s[i]) + eps)
        yield list(x)


@right(check.adagrad)
def all_gradients_kept(grad, x, lr=0.01, eps=1e-10):
    past = []
    while True:
        past.append(grad(x))
        x = x - lr / (np.linalg.norm(past, axis=0) + eps) * past[-1]
        yield x


@right(check.adagrad)
class AnIterator:
    def __init__(self, grad, x, lr=0.01, eps=1e-10):
        self.grad, self.x, self.lr, self.eps, self.s = grad, x, lr, eps, 0.0

    def __iter__(self):
        return self

    def __next__(self):
        g = self.grad(self.x)
        self.s = self.s + g**2
        self.x = self.x - self.lr * g / (np.sqrt(self.s) + self.eps)
        return self.x


# 2: counting


@wrong(check.steps_that_see_it, "batch of one")
def batch_unused(share, batch, steps):
    return share * steps


@wrong(check.steps_that_see_it, "reviews counted")
def reviews(share, batch, steps):
    return share * batch * steps


@wrong(check.steps_that_see_it, "steps without")
def without(share, batch, steps):
    return steps * (1 - share) ** batch


@wrong(check.steps_that_see_it, "chance of one step")
def chance(share, batch, steps):
    return 1 - (1 - share) ** batch


@wrong(check.steps_that_see_it, "all of the batch")
def every_review(share, batch, steps):
    return steps * share**batch


@wrong(check.steps_that_see_it, "rounded")
def rounded(share, batch, steps):
    return round(steps * (1 - (1 - share) ** batch))


@right(check.steps_that_see_it)
def by_logarithms(share, batch, steps):
    return -steps * math.expm1(batch * math.log1p(-share))


@right(check.steps_that_see_it)
def first_review_that_has_it(share, batch, steps):
    return sum(steps * share * (1 - share) ** k for k in range(batch))


# 3: recorded gradients


@wrong(check.recorded_step_sizes, "across coordinates")
def across(g, lr, eps):
    return lr / (np.sqrt(np.cumsum(g**2, axis=1)) + eps)


@wrong(check.recorded_step_sizes, says="must be an array of shape")
def no_axis(g, lr, eps):
    return lr / (np.sqrt(np.cumsum(g**2)) + eps)


@wrong(check.recorded_step_sizes, "without the newest")
def one_behind(g, lr, eps):
    out, s = [], np.zeros(g.shape[1])
    for row in g:
        out.append(lr / (np.sqrt(s) + eps))
        s = s + row**2
    return out


@wrong(check.recorded_step_sizes, "only the newest")
def no_past(g, lr, eps):
    return lr / (np.sqrt(g**2) + eps)


@wrong(check.recorded_step_sizes, "the last sum for all")
def whole_run(g, lr, eps):
    return np.broadcast_to(lr / (np.linalg.norm(g, axis=0) + eps), g.shape)


@wrong(check.recorded_step_sizes, "moves")
def the_moves(g, lr, eps):
    return -lr * g / (np.sqrt(np.cumsum(g**2, axis=0)) + eps)


@wrong(check.recorded_step_sizes, says="Change a copy")
def squares_in_place(g, lr, eps):
    g **= 2
    return lr / (np.sqrt(np.cumsum(g, axis=0)) + eps)


@right(check.recorded_step_sizes)
def in_a_loop(g, lr, eps):
    out, s = np.empty_like(g), 0.0
    for t, row in enumerate(g):
        s = s + row**2
        out[t] = lr / (np.sqrt(s) + eps)
    return out


@right(check.recorded_step_sizes)
def with_accumulate(g, lr, eps):
    return [lr / (np.sqrt(s) + eps) for s in accumulate(g**2)]


# 4: how fast it falls


@wrong(check.steps_to_fall, "not rounded")
def fraction(part):
    return part**-2


@wrong(check.steps_to_fall, "rounded down")
def cut_off(part):
    return int(1 / part**2)


@wrong(check.steps_to_fall, "one more")
def counts_from_zero(part):
    return math.ceil(1 / part**2) + 1


@wrong(check.steps_to_fall, "one more, where it comes out whole")
def cut_off_and_one_more(part):
    return int(1 / part**2) + 1


@wrong(check.steps_to_fall, "root forgotten")
def like_one_over_t(part):
    return math.ceil(1 / part)


@wrong(check.steps_to_fall, "fourth power")
def squared_twice(part):
    return math.ceil((1 / part**2) ** 2)


@right(check.steps_to_fall)
def by_trial(part):
    return next(t for t in count(1) if 1 / math.sqrt(t) <= part)


@right(check.steps_to_fall)
def as_float(part):
    return np.ceil((1 / part) ** 2)


# 5: ε


@wrong(check.half_a_step, "exchanged")
def exchanged(eps):
    return np.sqrt(eps / 3), eps


@wrong(check.half_a_step, "√ε")
def root_of_eps(eps):
    return eps, np.sqrt(eps)


@wrong(check.half_a_step, "√ε / 2")
def half_the_root(eps):
    return eps, np.sqrt(eps / 4)


@wrong(check.half_a_step, "√ε / 3")
def a_third_of_the_root(eps):
    return eps, np.sqrt(eps) / 3


@wrong(check.half_a_step, says="must be 2 numbers")
def only_outside(eps):
    return eps


@right(check.half_a_step)
def as_an_array(eps):
    return np.array([eps, (eps / 3) ** 0.5])


# 6: three bugs

BUGS = {"tidy": 2, "eager": 4, "thrifty": 1}
right(check.adagrad_bugs)(BUGS)
wrong(check.adagrad_bugs, says="In `tidy` line 1 is right")({**BUGS, "tidy": 1})
wrong(check.adagrad_bugs, says="In `eager` line 3 is right: it keeps")({**BUGS, "eager": 3})
wrong(check.adagrad_bugs, says="In `thrifty` line 3 is right: it adds")({**BUGS, "thrifty": 3})
wrong(check.adagrad_bugs, says="`eager` has no line 7")({**BUGS, "eager": 7})
wrong(check.adagrad_bugs, says="Give the number of a line for each")({**BUGS, "thrifty": None})

# 7: put one right


@wrong(check.mended_thrifty, "not repaired")
def written_into_integers(grad, x, lr=0.1, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s[:] = s + g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.mended_thrifty, says="UFuncTypeError")
def safe_casting(grad, x, lr=0.1, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        np.add(s, g**2, out=s)
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.mended_thrifty, "rounded")
def rounds(grad, x, lr=0.1, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s[:] = np.round(s + g**2)
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.mended_thrifty, "sum lost")
def forgets(grad, x, lr=0.1, eps=1e-10):
    while True:
        g = grad(x)
        x = x - lr * g / (np.abs(g) + eps)
        yield x


@right(check.mended_thrifty)
def start_made_of_floats(grad, x, lr=0.1, eps=1e-10):
    return optimizers.adagrad(grad, np.array(x, float), lr, eps)


@right(check.mended_thrifty)
def new_array_each_time(grad, x, lr=0.1, eps=1e-10):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = s + g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x
