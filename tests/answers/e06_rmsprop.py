"""Answers to exercise 06, RMSProp."""

import math
from itertools import count

import numpy as np

from answers.bank import right, wrong
from course_lib import adagrad, descend, parabola
from course_lib import rmsprop as course_rmsprop
from exercise_lib import check

# 1: rules that are wrong


@wrong(check.rmsprop, "doubled for squared")
def doubled(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g * 2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "brackets of 1 − β")
def no_brackets(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + 1 - beta * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "centred")
def centred(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = m = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        m = beta * m + (1 - beta) * g
        x = x - lr * g / (np.sqrt(s - m**2) + eps)
        yield x


@wrong(check.rmsprop, "AdaGrad")
def sums_up(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return adagrad(grad, x, lr, eps)


@wrong(check.rmsprop, "1 − β forgotten")
def without_one_minus_beta(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = 0.0
    while True:
        g = grad(x)
        s = g**2 + beta * s
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "weights exchanged")
def exchanged(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, lr, 1 - beta, eps)


@wrong(check.rmsprop, "1 − β on the wrong term")
def on_the_wrong_term(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros(len(x))
    while True:
        g = grad(x)
        s = (1 - beta) * s + g * g
        x = x - lr / (np.sqrt(s) + eps) * g
        yield x


@wrong(check.rmsprop, "nothing kept")
def memory_in_the_loop(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    while True:
        s = np.zeros_like(x)
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "signs")
def rprop(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    while True:
        g = grad(x)
        x = x - lr * g / (np.abs(g) + eps)
        yield x


@wrong(check.rmsprop, "sum over the coordinates")
def one_length(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = 0.0
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * (g @ g)
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, "ε inside the root")
def as_in_optax(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x = x - lr * g * (s + eps) ** -0.5
        yield x


@wrong(check.rmsprop, "uphill")
def plus(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(lambda p: -grad(p), x, lr, beta, eps)


@wrong(check.rmsprop, "correction of Adam")
def corrected(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        s_hat = s / (1 - beta**t)
        x = x - lr * g / (np.sqrt(s_hat) + eps)
        yield x


@wrong(check.rmsprop, "steps before s is new")
def too_late(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        x = x - lr * g / (np.sqrt(s) + eps)
        s = beta * s + (1 - beta) * g**2
        yield x


@wrong(check.rmsprop, "learning rate fixed")
def own_learning_rate(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, 0.001, beta, eps)


@wrong(check.rmsprop, "β fixed")
def own_beta(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, lr, eps=eps)


@wrong(check.rmsprop, says="disturb each other")
def in_a_default_argument(grad, x, lr=0.001, beta=0.9, eps=1e-8, memory={"s": 0.0}):  # noqa: B006
    while True:
        g = grad(x)
        s = memory["s"] = beta * memory["s"] + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, says="changes the start in place")
def in_place(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    while True:
        g = grad(x)
        s = beta * s + (1 - beta) * g**2
        x -= lr * g / (np.sqrt(s) + eps)
        yield x


@wrong(check.rmsprop, says="Already the first step leads elsewhere")
def half_a_step(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    return course_rmsprop(grad, x, lr / 2, beta, eps)


@wrong(check.rmsprop, says="Up to step 2 your path is right")
def forgets_in_jumps(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = np.zeros_like(x)
    for t in count(1):
        g = grad(x)
        s = (beta if t < 3 else 0.3) * s + (1 - beta) * g**2
        x = x - lr * g / (np.sqrt(s) + eps)
        yield x


# 1: right rules in other styles


@right(check.rmsprop)
def by_differences(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    s = 0
    for _ in count():
        g = np.asarray(grad(x))
        s += (1 - beta) * (g * g - s)
        x = x - lr / (s**0.5 + eps) * g
        yield x


@right(check.rmsprop)
def from_the_weights(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    squares = []
    while True:
        g = grad(x)
        squares = [beta * old for old in squares] + [(1 - beta) * g**2]
        x = x - lr * g / (np.sqrt(np.sum(squares, axis=0)) + eps)
        yield x


@right(check.rmsprop)
def lists_of_floats(grad, x, lr=0.001, beta=0.9, eps=1e-8):
    x, s = list(x), [0.0] * len(x)
    while True:
        for i, g in enumerate(grad(x)):
            s[i] = beta * s[i] + (1 - beta) * g**2
            x[i] -= lr * g / (math.sqrt(s[i]) + eps)
        yield list(x)


@right(check.rmsprop)
class AnIterator:
    def __init__(self, grad, x, lr=0.001, beta=0.9, eps=1e-8):
        self.grad, self.x, self.settings = grad, np.array(x), (lr, beta, eps)
        self.s = np.zeros_like(self.x)

    def __iter__(self):
        return self

    def __next__(self):
        lr, beta, eps = self.settings
        g = self.grad(self.x)
        self.s *= beta
        self.s += (1 - beta) * g**2
        self.x -= lr * g / (np.sqrt(self.s) + eps)
        return self.x


# 2: β for a memory

for mistake, answer in {
    "the older ones": lambda n, part: part ** (1 / n),
    "half-life": lambda n, part: 0.5 ** (1 / n),
    "mean age": lambda n, part: 1 - 1 / n,
    "mean age from 0": lambda n, part: n / (n + 1),
    "power for root": lambda n, part: (1 - part) ** n,
    "logarithm not undone": lambda n, part: math.log(1 - part) / n,
    "first term": lambda n, part: 1 + math.log(1 - part) / n,
    "newest weight": lambda n, part: 1 - (1 - part) ** (1 / n),
    "grows": lambda n, part: (1 / (1 - part)) ** (1 / n),
    "divided by n": lambda n, part: (1 - part) / n,
    "all alike": lambda n, part: 1 - part / n,
    "one too many": lambda n, part: math.exp(math.log(1 - part) / (n + 1)),
    "one too few": lambda n, part: (1 - part) ** (1 / (n - 1)),
}.items():
    wrong(check.beta_for_memory, mistake)(answer)
for words, answer in {
    "returns nothing so far": lambda n, part: None,
}.items():
    wrong(check.beta_for_memory, says=words)(answer)


@right(check.beta_for_memory)
def by_logarithms(n, part):
    return math.exp(math.log1p(-part) / n)


@right(check.beta_for_memory)
def by_bisection(n, part):
    low, high = 0.0, 1.0
    for _ in range(60):
        beta = (low + high) / 2
        held = sum((1 - beta) * beta**k for k in range(n))
        low, high = (beta, high) if held > part else (low, beta)
    return low


# 3: a jump of the slope


def old_and_new(beta, c, k):
    return beta**k + (1 - beta**k) * c**2


for mistake, answer in {
    "from zero": lambda lr, beta, c, k: lr / (1 - beta**k) ** 0.5,
    "η": lambda lr, beta, c, k: lr,
    "s stays": lambda lr, beta, c, k: c * lr,
    "old slope on top": lambda lr, beta, c, k: lr / old_and_new(beta, c, k) ** 0.5,
    "root forgotten": lambda lr, beta, c, k: lr * c / old_and_new(beta, c, k),
    "c not squared": lambda lr, beta, c, k: lr * c / (beta**k + (1 - beta**k) * c) ** 0.5,
    "weights exchanged": lambda lr, beta, c, k: lr * c / (1 + beta**k * (c**2 - 1)) ** 0.5,
    "only the first step": lambda lr, beta, c, k: lr * c / (beta + (1 - beta) * c**2) ** 0.5,
    "one new square": lambda lr, beta, c, k: lr * c / (beta**k + (1 - beta) * c**2) ** 0.5,
    "old alone": lambda lr, beta, c, k: lr * c / beta ** (k / 2),
    "old does not fade": lambda lr, beta, c, k: lr * c / (1 + (1 - beta**k) * c**2) ** 0.5,
    "power of 1 − β": lambda lr, b, c, k: lr * c / (b**k + (1 - b) ** k * c**2) ** 0.5,
    "product for power": lambda lr, b, c, k: lr * c / (b * k + abs(1 - b * k) * c**2) ** 0.5,
    "one step too far": lambda lr, beta, c, k: lr * c / old_and_new(beta, c, k + 1) ** 0.5,
    "one step short": lambda lr, beta, c, k: lr * c / old_and_new(beta, c, k - 1) ** 0.5,
    "learning rate forgotten": lambda lr, beta, c, k: c / old_and_new(beta, c, k) ** 0.5,
}.items():
    wrong(check.step_after_jump, mistake)(answer)


@right(check.step_after_jump)
def from_a_run(lr, beta, c, k):
    s = 1.0
    for _ in range(k):
        s = beta * s + (1 - beta) * c**2
    return lr * c / math.sqrt(s)


@right(check.step_after_jump)
def divided_by_c(lr, beta, c, k):
    return lr / np.sqrt(1 + beta**k * (c**-2 - 1))


# 4: the η for a height

for mistake, answer in {
    "distance": lambda f, lam: (2 * f / lam) ** 0.5,
    "half of the distance": lambda f, lam: (2 * f / lam) ** 0.5 / 2,
    "root forgotten": lambda f, lam: 8 * f / lam,
    "λ forgotten": lambda f, lam: (8 * f) ** 0.5,
    "λ multiplied": lambda f, lam: (8 * f * lam) ** 0.5,
    "½ forgotten": lambda f, lam: 2 * (f / lam) ** 0.5,
    "½ and 2 forgotten": lambda f, lam: (f / lam) ** 0.5,
    "not solved": lambda f, lam: lam * f**2 / 8,
    "noise floor": lambda f, lam: 4 * f,
    "upside down": lambda f, lam: (8 * f / lam) ** -0.5,
    "limit": lambda f, lam: 2 / lam,
    "no step": lambda f, lam: 0,
}.items():
    wrong(check.lr_for_height, mistake)(answer)


@right(check.lr_for_height)
def from_one_run(height, curvature):
    """f goes with η²: one run at any η tells all."""
    path = descend(course_rmsprop, parabola(curvature), steps=3000, lr=0.1, beta=0.8, eps=0.0)
    return 0.1 * math.sqrt(height / path.values[-1])


# 5: an AdaGrad with growing weights

for mistake, answer in {
    "AdaGrad": lambda t, lr: (lr / t**0.5, 1 - 1 / t),
    "η stays": lambda t, lr: (lr, (t - 1) / (t + 1)),
    "η of AdaGrad": lambda t, lr: (lr / t**0.5, 1 - 2 / (t + 1)),
    "no root in η": lambda t, lr: (2 * lr / t / (t + 1), 1 - 2 / (t + 1)),
    "η grows": lambda t, lr: (lr * (t * (t + 1) / 2) ** 0.5, 1 - 2 / (t + 1)),
    "½ forgotten in η": lambda t, lr: (lr / (t * (t + 1)) ** 0.5, 1 - 2 / (t + 1)),
    "β of AdaGrad": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 1 - 1 / t),
    "½ forgotten in β": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, t / (t + 1)),
    "½ forgotten twice": lambda t, lr: (lr / (t * (t + 1)) ** 0.5, t / (t + 1)),
    "β one step late": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, t / (t + 2)),
    "constant β": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 0.9),
    "nothing kept": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 0),
    "nothing scheduled": lambda t, lr: (lr, 0.9),
}.items():
    wrong(check.growing_weights, mistake)(answer)
for words, answer in {
    "must be at least 0 and below 1": lambda t, lr: (lr / (t * (t + 1) / 2) ** 0.5, 2 / (t + 1)),
    "must be 2 numbers": lambda t, lr: lr / t**0.5,
}.items():
    wrong(check.growing_weights, says=words)(answer)


@right(check.growing_weights)
def as_an_array(t, lr):
    weights = np.arange(1, t + 1)
    return np.array([lr / np.sqrt(weights.sum()), weights[:-1].sum() / weights.sum()])


@right(check.growing_weights)
def some_of_the_zero_kept(t, lr):
    """s is the sum divided by one more than all weights, and η undoes it: the same path."""
    weights = 1 + t * (t + 1) / 2
    return lr / np.sqrt(weights), 1 - t / weights


# 6: a blow


def until(now, at_first, beta):
    return math.ceil(math.log(now / at_first, beta))


for mistake, answer in {
    "not rounded": lambda b, c, p: math.log((p**-2 - 1) / (1 - b) / (c**2 - 1)) / math.log(b),
    "rounded down": lambda b, c, p: until(p**-2 - 1, (1 - b) * (c**2 - 1), b) - 1,
    "blow counted": lambda b, c, p: until(p**-2 - 1, (1 - b) * (c**2 - 1), b) + 1,
    "c not squared": lambda b, c, p: until(p**-2 - 1, (1 - b) * (c - 1), b),
    "1 − β forgotten": lambda b, c, p: until(p**-2 - 1, c**2 - 1, b),
    "old square forgotten": lambda b, c, p: until(p**-2 - 1, (1 - b) * c**2, b),
    "root forgotten": lambda b, c, p: until(1 / p - 1, (1 - b) * (c**2 - 1), b),
    "down to zero": lambda b, c, p: until(p**-2, (1 - b) * (c**2 - 1), b),
    "half-life": lambda b, c, p: until(0.5, 1, b),
    "size forgotten": lambda b, c, p: until(1 - p, 1, b),
    "sign": lambda b, c, p: 1 - until(p**-2 - 1, (1 - b) * (c**2 - 1), b),
}.items():
    wrong(check.steps_to_recover, mistake)(answer)
for words, answer in {
    "must be one number": lambda b, c, p: (b, c, p),
}.items():
    wrong(check.steps_to_recover, says=words)(answer)


@right(check.steps_to_recover)
def by_trial(beta, c, part):
    s = beta + (1 - beta) * c**2
    for k in count(1):
        s = beta * s + 1 - beta
        if s**-0.5 >= part:
            return k


# 7: bugs

for words, answer in {
    "In `first` line 5 is right": {"first": 5, "second": 1, "third": 5},
    "In `second` line 4 is right": {"first": 4, "second": 4, "third": 5},
    "In `third` line 4 is right": {"first": 4, "second": 1, "third": 4},
    "`second` has no line 7": {"first": 4, "second": 7, "third": 5},
    "Give the number of a line": {"first": 4, "second": None, "third": 5},
}.items():
    wrong(check.rmsprop_bugs, says=words)(answer)

right(check.rmsprop_bugs)({"first": 4, "second": 1.0, "third": np.int64(5)})
